import type { RouteRecord } from '@weft/core'

/** Named endpoints, by name. */
export interface Routes {
  get(name: string): Promise<RouteRecord | undefined>
  list(): Promise<RouteRecord[]>
  put(route: RouteRecord): Promise<void>
  /** Whether there was one to delete. */
  delete(name: string): Promise<boolean>
}

import type { RouteObject } from '@weft/protocol'

/** A tenant's named endpoints. */
export interface Routes {
  get(name: string): Promise<RouteObject | undefined>
  /** By name. */
  list(): Promise<RouteObject[]>
  put(route: RouteObject): Promise<void>
  /** Whether there was one to delete. */
  delete(name: string): Promise<boolean>
}

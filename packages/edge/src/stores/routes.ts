import type { RouteObject } from '@weft/protocol'

/** A route that has no number yet. */
export type NewRoute = Omit<RouteObject, 'version'>

/** A tenant's named endpoints. */
export interface Routes {
  get(name: string): Promise<RouteObject | undefined>
  /** By name. */
  list(): Promise<RouteObject[]>
  /**
   * Makes it the next version of its name. Atomic: two at once are two versions, of which one is refused where both expect the same.
   * @param expected the version that there must be (0: the config's; null: none at all). Error 412 `route_moved`
   */
  put(route: NewRoute, expected?: number | null): Promise<RouteObject>
  /**
   * Whether there was one to delete. Its versions stay known.
   * @param expected the version that there must be. Error 412 `route_moved` where another is
   */
  delete(name: string, expected?: number | null): Promise<boolean>
  /** Newest first. */
  versions(name: string): Promise<RouteObject[]>
  /** Every version of these, all in one question. */
  history(names: readonly string[]): Promise<RouteObject[]>
}

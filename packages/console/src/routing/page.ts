import type { ComponentType } from 'preact'

/** A page of the console, loaded when it is first gone to. */
export interface Page {
  /** What stands in the address behind `/console/`. */
  path: string
  /** In the navigation and the window's title. */
  title: string
  load(): Promise<{ default: ComponentType }>
}

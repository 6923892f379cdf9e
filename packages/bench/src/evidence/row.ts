export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** One measurement: everything that determines it. Equal settings and seeds are one cell, whichever part asks for it. */
export interface Cell {
  settings: { readonly model: string; readonly [name: string]: Json }
  seed: number
}

/** What was measured, by its name; `broke_down` with an error's code where training ended without a result. */
export type Values = Record<string, unknown>

/** A cell that was run. */
export interface Row extends Cell {
  /** Of the code, short; with a plus where files were changed. */
  commit: string
  seconds: number
  values: Values
}

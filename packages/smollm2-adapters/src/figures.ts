import type { Figures } from './measure/figures.ts'

/** What the adapters came to: `figures.json`, as `train.ts` writes it. */
export interface FiguresFile {
  base: { name: string; fingerprint: string }
  adapters: Record<string, AdapterFigures>
  /** Two at once, by expression and seed: each on its own task, by its name. */
  compositions?: Record<string, Record<string, Record<string, Figures>>>
}

export interface AdapterFigures {
  /** What it is an example of. */
  example: string
  method: string
  config: Record<string, unknown>
  hyperparameters: Record<string, unknown>
  /** Rows that it was trained on. */
  rows: number
  /** Of the file. */
  bytes: number
  /** The bare base, by how it was asked. */
  base: Record<string, Figures>
  /** By seed. The lowest one's file comes along. */
  seeds: Record<string, { figures: Figures /** CPU time of training. */; seconds: number }>
}

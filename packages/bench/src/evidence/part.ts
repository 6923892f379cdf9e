import type { Cell, Values } from './row.ts'
import type { EvidenceRows } from './rows.ts'

/** The short form is made for twenty minutes on two quiet cores, reckoned from its cells' CPU time; the long one has every cell of the short one, and hours more. */
export type Form = 'short' | 'long'

/** A picture of a part's rows. */
export interface Plot {
  /** File name, without the folder. */
  file: string
  /** What a reader who does not see it is told. */
  alt: string
  svg: string
}

export interface RunContext {
  /** Where a model of the cell is: a folder, a GGUF file or a hub id. */
  source: string
  /** Where trained adapters are kept, and taken from when they are there. */
  keep?: string
  threads?: number
  onNote: (text: string) => void
}

/** One question that the page answers: its cells, how one is measured, and what the page says of the rows. */
export interface EvidencePart {
  /** Of its file of rows. */
  name: string
  title: string
  cells(form: Form): Cell[]
  run(cell: Cell, context: RunContext): Promise<Values>
  /** What it found, in a sentence or two for the top of the page; nothing where the tables do not come down to one, or there are no rows. */
  inShort?(rows: EvidenceRows): string | undefined
  /** Markdown: what was asked, the tables, and what they cannot tell. Cells that were not run are shown as such. */
  table(rows: EvidenceRows): string
  plot(rows: EvidenceRows): Plot[]
}

import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson } from '@weft/adapters'
import * as z from 'zod/mini'
import { evidenceRowUnreadable } from '../errors.ts'
import { withMethodDefaults } from './measures/method-defaults.ts'
import type { Cell, Row } from './row.ts'

const rowSchema = z.strictObject({
  settings: z.intersection(z.object({ model: z.string() }), z.record(z.string(), z.json())),
  seed: z.int(),
  commit: z.string(),
  seconds: z.number(),
  values: z.record(z.string(), z.json()),
})

/** Rows of a folder, JSON Lines in a file for each part. Of equal settings and seeds the last counts. */
export class EvidenceRows {
  readonly #folder: string
  readonly #rows = new Map<string, Row>()

  /** @throws WeftError `evidence_row_unreadable` */
  constructor(folder: string) {
    this.#folder = folder
    if (!existsSync(folder)) return
    for (const name of readdirSync(folder).sort()) if (name.endsWith('.jsonl')) this.#read(join(folder, name))
  }

  get size(): number {
    return this.#rows.size
  }

  find(cell: Cell): Row | undefined {
    return this.#rows.get(keyOf(asKept(cell)))
  }

  /** Rows that no cell of these asks for any more: their settings have changed. */
  besides(cells: readonly Cell[]): Row[] {
    const wanted = new Set(cells.map((cell) => keyOf(asKept(cell))))
    return [...this.#rows].flatMap(([key, row]) => (wanted.has(key) ? [] : [row]))
  }

  add(part: string, { commit, seconds, values, ...cell }: Row): void {
    const { settings, seed } = asKept(cell)
    // As it will be read again.
    const line = JSON.stringify({ settings, seed, commit, seconds, values })
    mkdirSync(this.#folder, { recursive: true })
    appendFileSync(join(this.#folder, `${part}.jsonl`), `${line}\n`)
    this.#rows.set(keyOf({ settings, seed }), JSON.parse(line))
  }

  #read(path: string): void {
    const text = readFileSync(path, 'utf8')
    const lines = text.split('\n')
    // What a killed run left half written is no row; the next one begins on a line of its own.
    if (lines.pop() !== '') appendFileSync(path, '\n')
    for (const [i, line] of lines.entries()) {
      if (line.trim() === '') continue
      const row = parsed(line)
      if (row) this.#rows.set(keyOf(row), row)
      else if (!isHalf(line)) throw evidenceRowUnreadable(path, i + 1)
    }
  }
}

const parsed = (line: string): Row | undefined => {
  try {
    return rowSchema.safeParse(JSON.parse(line)).data as Row | undefined
  } catch {
    return undefined
  }
}

const asKept = ({ settings, seed }: Cell): Cell => ({ settings: withMethodDefaults(settings), seed })

const isHalf = (line: string): boolean => line.startsWith('{"settings":') && !line.endsWith('}')

export const keyOf = ({ settings, seed }: Cell): string => canonicalJson({ settings, seed })

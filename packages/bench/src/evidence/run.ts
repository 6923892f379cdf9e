import { execFileSync } from 'node:child_process'
import { evidencePartMissing } from '../errors.ts'
import type { EvidencePart, Form } from './part.ts'
import { parts as allParts } from './parts.ts'
import type { Cell } from './row.ts'
import { EvidenceRows, keyOf } from './rows.ts'

export interface EvidenceOptions {
  form: Form
  /** Where the rows are. */
  rows: string
  /** Models by name, each with where it is; cells of others are not run. */
  models: Readonly<Record<string, string>>
  /** Of the parts these; all unless said. */
  only?: readonly string[]
  /** No cell is begun after so many minutes. */
  minutes?: number
  keep?: string
  threads?: number
  parts?: readonly EvidencePart[]
  onNote?: (text: string) => void
}

export interface EvidenceResult {
  form: Form
  /** Cells that were there already, that were run now, and that ended in an error. */
  kept: number
  run: number
  failed: { part: string; cell: Cell; message: string }[]
  /** Cells whose model is not at hand, by the model's name. */
  without_model: Record<string, number>
  /** Cells that the time was too short for. */
  left: number
  /** Rows that no part asks for any more: settings have changed since. The page leaves them out. */
  stale: number
  seconds: number
}

/** Runs every cell of the form that has no row yet, one after another, and keeps each as soon as it is measured: a run that broke off goes on. */
export const collectEvidence = async (options: EvidenceOptions): Promise<EvidenceResult> => {
  const { form, models, minutes = Infinity, keep, threads, parts = allParts, onNote = () => {} } = options
  const started = performance.now()
  const rows = new EvidenceRows(options.rows)
  const commit = commitOf()
  const result: EvidenceResult = { form, kept: 0, run: 0, failed: [], without_model: {}, left: 0, stale: rows.besides(everyCell(parts)).length, seconds: 0 }
  const seen = new Set<string>()
  for (const part of chosen(options)) {
    for (const cell of part.cells(form).toSorted(bySeed)) {
      const source = models[cell.settings.model]
      if (seen.has(keyOf(cell))) continue
      seen.add(keyOf(cell))
      if (rows.find(cell)) result.kept += 1
      else if (source === undefined) result.without_model[cell.settings.model] = (result.without_model[cell.settings.model] ?? 0) + 1
      else if (performance.now() - started > minutes * 60_000) result.left += 1
      else {
        onNote(`${part.name}: ${described(cell)} …`)
        const since = performance.now()
        try {
          const values = await part.run(cell, { source, onNote, ...(keep !== undefined && { keep }), ...(threads !== undefined && { threads }) })
          const seconds = Math.round((performance.now() - since) / 100) / 10
          rows.add(part.name, { ...cell, commit, seconds, values })
          result.run += 1
          onNote(`  ${JSON.stringify(values).slice(0, 200)}, ${seconds} s`)
        } catch (error) {
          // One cell that cannot be measured is no reason to lose the others; it stays without a row.
          result.failed.push({ part: part.name, cell, message: (error as Error).message })
          onNote(`  failed: ${(error as Error).stack}`)
        }
      }
    }
  }
  return { ...result, seconds: Math.round((performance.now() - started) / 1000) }
}

/** All that one seed tells comes before what a second adds: a run that breaks off leaves no line of a table empty that it has begun. */
const bySeed = (a: Cell, b: Cell): number => a.seed - b.seed

const everyCell = (parts: readonly EvidencePart[]): Cell[] => parts.flatMap((part) => [...part.cells('short'), ...part.cells('long')])

const chosen = ({ only, parts = allParts }: EvidenceOptions): readonly EvidencePart[] => {
  const missing = only?.find((name) => !parts.some((part) => part.name === name))
  if (missing !== undefined)
    throw evidencePartMissing(
      missing,
      parts.map(({ name }) => name),
    )
  return parts.filter(({ name }) => only?.includes(name) ?? true)
}

export const described = ({ settings, seed }: Cell): string =>
  [...Object.values(settings).map((value) => (typeof value === 'string' ? value : JSON.stringify(value))), `seed ${seed}`].join(', ')

/** Of the checkout that this code is in; `unknown` outside of one. */
const commitOf = (): string => {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    return `${git('rev-parse', '--short=10', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+'}`
  } catch {
    return 'unknown'
  }
}

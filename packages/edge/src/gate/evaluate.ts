import { type GateMetric, type Labelled, type NumberedRow, TrainingFileReader, type TrainingRow } from '@weft/protocol'
import { allowedBy } from '../auth/scopes.ts'
import { usesOf } from '../collect/uses.ts'
import { label } from '../generation/label.ts'
import type { HashFirst } from '../resolve/hash-first.ts'
import { compositionOf, type ResolvedModel, type ResolveModel } from '../resolve/resolve-model.ts'
import type { Caller } from '../runner/caller.ts'
import type { Inference } from '../runner/inference.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import { gateFileMissing, gateRowsUnfit } from './errors.ts'

export interface Evaluator {
  resolve: ResolveModel
  hashFirst: HashFirst
  inference: Inference
}

/** Rows that are asked for at a time. */
const together = 16

/** The first rows of an uploaded file. Error 404 `file_not_found`. */
export async function firstRows({ files }: Pick<TenantStores, 'files'>, id: string, most: number): Promise<TrainingRow[]> {
  const content = await files.stream(id)
  if (!content) throw gateFileMissing(id)
  const reader = new TrainingFileReader('validation')
  const rows: NumberedRow[] = []
  for await (const piece of content) {
    rows.push(...reader.push(piece))
    if (rows.length >= most) return rows.slice(0, most).map(({ row }) => row)
  }
  return [...rows, ...reader.end().rows].slice(0, most).map(({ row }) => row)
}

/** A metric of what an expression names, over rows. Errors: 400 `gate_rows_unfit`, and those of resolving and of the runner. */
export async function evaluate(
  { resolve, hashFirst, inference }: Evaluator,
  stores: TenantStores,
  expression: string,
  { metric, rows }: { metric: GateMetric; rows: readonly TrainingRow[] },
  caller: Caller,
): Promise<number> {
  // Nobody asks but the edge itself, of all that the tenant has.
  const whole: PrincipalStores = { ...stores, allowed: allowedBy([]), beneathRoutes: stores.names, uses: () => usesOf(stores), record: async () => {} }
  const measure = metric === 'accuracy' ? accuracyOf : lossOf
  const sums = { sum: 0, count: 0 }
  for (let at = 0; at < rows.length; at += together) {
    const some = rows.slice(at, at + together)
    const { answer } = await hashFirst(
      ({ fresh }) => resolve(expression, { stores: whole, fresh, signal: caller.signal }),
      (found, placement) => measure(inference, found, expression, some, { ...caller, placement, ...found.policies.scheduling }),
      caller,
    )
    sums.sum += answer.sum
    sums.count += answer.count
  }
  if (sums.count === 0) throw gateRowsUnfit(metric, 'none', 'any row')
  return sums.sum / sums.count
}

type Measured = { sum: number; count: number }

async function accuracyOf(inference: Inference, found: ResolvedModel, model: string, rows: readonly TrainingRow[], caller: Caller): Promise<Measured> {
  const labelled = rows.map((row) => {
    if (row.kind !== 'label') throw gateRowsUnfit('accuracy', row.kind, '{"text", "label"}')
    return row
  })
  const answers = await label(inference, found, { model, inputs: labelled.map(({ text }) => text), truncate: true }, caller)
  return { sum: labelled.filter((row, at) => isRight(answers[at]!, row)).length, count: rows.length }
}

function isRight(answer: Labelled, { label: right, task }: Extract<TrainingRow, { kind: 'label' }>): boolean {
  if ('tasks' in answer) {
    const ofTask = task === undefined ? undefined : answer.tasks[task]
    return ofTask !== undefined && 'label' in ofTask && (ofTask.label === right || `${task}/${ofTask.label}` === right)
  }
  return 'label' in answer && answer.label === right
}

async function lossOf(inference: Inference, found: ResolvedModel, _: string, rows: readonly TrainingRow[], caller: Caller): Promise<Measured> {
  const at = { model: found.base.name, composition: compositionOf(found) }
  const measured: Measured = { sum: 0, count: 0 }
  const add = (results: readonly { tokens: number; logprob: number }[]): void => {
    for (const { tokens, logprob } of results) {
      measured.sum -= logprob
      measured.count += tokens
    }
  }
  const texts = rows.flatMap((row) => (row.kind === 'text' ? [row.text] : []))
  if (texts.length) add(await inference.score({ ...at, texts }, caller))
  for (const row of rows) {
    if (row.kind === 'text') continue
    if (row.kind !== 'completion') throw gateRowsUnfit('loss', row.kind, '{"text"} or {"prompt", "completion"}')
    const { prompt, completion } = row
    const text = typeof completion === 'string' ? completion : completion.map((part) => part.text).join('')
    add(await inference.score({ ...at, prompt, texts: [text] }, caller))
  }
  return measured
}

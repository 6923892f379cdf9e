import { createHash } from 'node:crypto'
import { type AdapterInput, adapterInputs, type Composed, type ModelSpec } from '@weft/adapters'
import type { SlotInputs } from '@weft/adapters/hooks'
import { tooManyGatedColumns } from '../errors.ts'

/** What a composition does inside layers, as inputs of a graph. The arrays are the composition's own wherever their order allows it. */
export interface AdapterTensors {
  inputs: ReadonlyMap<string, AdapterInput>
  /** What a run needs where all its rows share them. */
  alone: KeyedInputs
  /** What a run needs where rows have slots, whatever their sizes. */
  slots: KeyedInputs
  /** Where it acts, by a slot of its own. */
  sites: ReadonlySet<string>
  /** A short name for its inputs' names and sizes: those of the same shapes have the same. */
  shapes: string
  bytes: number
}

/** Inputs with a short name for the set of them. */
export interface KeyedInputs extends SlotInputs {
  key: string
}

/** Columns of all branches together, each as wide as the widest: a prefill's scores take 4 bytes for each, per head and position. */
const MAX_GATED_COLUMNS = 8192

const known = new WeakMap<Composed, AdapterTensors | null>()

/**
 * Null where nothing acts inside layers. The same composition gives the same object.
 * @throws WeftError 422 `too_many_gated_columns`
 */
export function adapterTensors(composed: Composed, model: ModelSpec): AdapterTensors | null {
  const before = known.get(composed)
  if (before !== undefined) return before
  const inputs = new Map(adapterInputs(composed.sites, model, ['inputs']).map((input) => [input.name, input]))
  const [G, P] = inputs.get('gatedKeyValue.mask')?.tensor.shape ?? [0, 0]
  if (G * P > MAX_GATED_COLUMNS) throw tooManyGatedColumns(G, P, MAX_GATED_COLUMNS)
  const all = [...inputs.values()]
  const made = all.length
    ? {
        inputs,
        alone: keyed(
          all.filter(({ idle }) => !idle),
          false,
        ),
        slots: keyed(all, true),
        sites: new Set(all.filter(({ perToken }) => !perToken).map(({ site }) => site)),
        shapes: digest(all.map(({ name, tensor: { shape } }) => `${name} ${shape}`)),
        bytes: all.reduce((sum, { tensor }) => sum + tensor.data.byteLength, 0),
      }
    : null
  known.set(composed, made)
  return made
}

/** The inputs for rows of a batch; null where none does anything inside layers. */
export function inputsFor(rows: readonly (AdapterTensors | null)[]): KeyedInputs | null {
  const [first] = rows
  if (rows.every((row) => row === first)) return first?.alone ?? null
  // Adapters of one kind have the same inputs, so hundreds of rows have few sets of them.
  const sets = new Map(rows.flatMap((row) => (row ? [[row.slots.key, row.slots]] : [])))
  return unionOf([...sets.values()])
}

/** The inputs for rows that have any of these, in slots. */
export const unionOf = (sets: readonly KeyedInputs[]): KeyedInputs =>
  sets.length === 1 ? sets[0] : keyed([...new Map(sets.flatMap(({ inputs }) => inputs.map((input) => [input.name, input]))).values()], true)

/** Of each slot of a cache, which column of the rows' key biases it has: a prefix comes first, and what follows has none, −1. */
export function keyBiasIndex(rows: readonly { layers: AdapterTensors | null }[], slots: number): BigInt64Array<ArrayBuffer> {
  const columns = Math.max(...rows.map(({ layers }) => layers?.inputs.get('keyValue.keyBias')?.tensor.shape[2] ?? 0))
  return BigInt64Array.from({ length: slots }, (_, slot) => BigInt(slot < columns ? slot : -1))
}

function keyed(all: readonly SlotInputs['inputs'][number][], perRow: boolean): KeyedInputs {
  const inputs = all
    .map(({ site, name, shape, neutral, transposedInSlots = false, perToken }) => ({
      site,
      name,
      shape,
      neutral,
      transposedInSlots,
      ...(perToken && { perToken }),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return { inputs, perRow, key: `${perRow ? 'rows' : 'alone'} ${digest(inputs.map(({ name }) => name))}` }
}

const digest = (lines: readonly string[]): string => createHash('sha256').update(lines.join('\n')).digest('hex')

import { createHash } from 'node:crypto'
import type { Composed, FloatTensor, SiteState } from '@weft/adapters'
import { type LayerInputs, MASKED } from '@weft/model'
import { tooManyGatedColumns } from './errors.ts'

/**
 * What a composition does inside layers, as inputs of an inference graph (`LayerInputs` of the model package) without an
 * axis for the batch. The arrays are the composition's own wherever their order allows it.
 */
export interface LayerSites {
  inputs: ReadonlyMap<string, FloatTensor>
  /** What a run needs where all its rows share them: not the mask where branches are equally wide. */
  alone: KeyedInputs
  bytes: number
}

/** Inputs with a short name for the set of them. */
export interface KeyedInputs extends LayerInputs {
  key: string
}

/** Columns of all branches together, each as wide as the widest: a prefill's scores take 4 bytes for each, per head and position. */
export const MAX_GATED_COLUMNS = 8192

const known = new WeakMap<Composed, LayerSites | null>()

/**
 * Null where nothing acts inside layers. The same composition gives the same object.
 * @throws WeftError 422 `too_many_gated_columns`
 */
export function layerSitesOf(composed: Composed): LayerSites | null {
  const before = known.get(composed)
  if (before !== undefined) return before
  const { linear, scale, gatedKeyValue } = composed.sites
  const inputs = new Map<string, FloatTensor>([
    ...named('linear', linear),
    ...named('scale', scale),
    ...(gatedKeyValue ? branches(gatedKeyValue as Record<string, FloatTensor>) : []),
  ])
  const even = inputs.get('gated_mask')?.data.every((value) => value === 0)
  const made =
    inputs.size === 0
      ? null
      : {
          inputs,
          alone: keyed(
            [...inputs.keys()].filter((name) => !(even && name === 'gated_mask')),
            false,
          ),
          bytes: [...inputs.values()].reduce((sum, { data }) => sum + data.byteLength, 0),
        }
  known.set(composed, made)
  return made
}

/** The inputs for rows of a batch; null where none does anything inside layers. */
export function inputsFor(rows: readonly (LayerSites | null)[]): KeyedInputs | null {
  const [first] = rows
  if (rows.every((row) => row === first)) return first?.alone ?? null
  return keyed([...new Set(rows.flatMap((row) => [...(row?.inputs.keys() ?? [])]))], true)
}

function keyed(names: string[], perRow: boolean): KeyedInputs {
  names.sort()
  return { names, perRow, key: `${perRow ? 'rows' : 'alone'} ${createHash('sha256').update(names.join('\n')).digest('hex')}` }
}

const named = (site: string, state: SiteState = {}): [string, FloatTensor][] =>
  Object.entries(state).map(([name, tensor]) => [`${site}.${name}`, tensor as FloatTensor])

/** Layers whose gates are all 0 are left out: they add nothing. */
function branches({ prefix, gate, lengths }: Record<string, FloatTensor>): [string, FloatTensor][] {
  const [L, , K, P, D] = prefix.shape
  const [, N, G] = gate.shape
  const width = Math.max(...lengths.data)
  if (G * width > MAX_GATED_COLUMNS) throw tooManyGatedColumns(G, width, MAX_GATED_COLUMNS)
  const mask = new Float32Array(G * width)
  lengths.data.forEach((length, branch) => mask.fill(MASKED, branch * width + length, (branch + 1) * width))
  const inputs: [string, FloatTensor][] = []
  for (let layer = 0; layer < L; layer++) {
    const gates = gate.data.subarray(layer * N * G, (layer + 1) * N * G)
    if (gates.every((value) => value === 0)) continue
    const half = (kind: number): FloatTensor => ({
      shape: [K, G, width, D],
      data: spread(prefix.data.subarray((layer * 2 + kind) * K * P * D, (layer * 2 + kind + 1) * K * P * D), lengths.data, { K, P, D, width }),
    })
    inputs.push([`gated.${layer}.key`, half(0)], [`gated.${layer}.value`, half(1)], [`gated.${layer}.gate`, { shape: [N, G], data: gates }])
  }
  return inputs.length ? [...inputs, ['gated_mask', { shape: [G, width], data: mask }]] : []
}

/** `[K,P,D]`, branches one after another → `[K,G,width,D]`. Branches of one width lie so already. */
function spread(columns: Float32Array, lengths: Float32Array, { K, P, D, width }: { K: number; P: number; D: number; width: number }): Float32Array {
  if (lengths.length * width === P) return columns
  const out = new Float32Array(K * lengths.length * width * D)
  for (let head = 0; head < K; head++) {
    let from = head * P * D
    lengths.forEach((length, branch) => {
      out.set(columns.subarray(from, from + length * D), (head * lengths.length + branch) * width * D)
      from += length * D
    })
  }
  return out
}

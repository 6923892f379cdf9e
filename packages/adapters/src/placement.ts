import type { Composed } from './composition/composed.ts'
import { type ModelSpec, rowWidth } from './model-spec.ts'
import { virtualTokensOf } from './sites/index.ts'
import { type AdapterInput, adapterInputs } from './sites/inputs.ts'
import type { Serving, SiteShapes } from './sites/site.ts'
import { type FloatTensor, floatTensor, joined } from './tensor.ts'

/** What stands before a sequence's tokens: how much it takes, and how strongly it is seen. */
export interface Placement {
  /** Rows in the sequence. */
  rows: number
  /** Log strengths `[rows]`, added to every attention logit toward a row; none when absent. */
  rowBias?: Float32Array
  /** Columns before every layer's keys, over all prefixes. */
  prefix: number
  /** Log strengths `[prefix]`. */
  prefixBias?: Float32Array
  /** Columns of each prefix, in their order. */
  prefixLengths: readonly number[]
  /** Positions that prefixes take: the longest alone, since they overlay one another. Tokens start after all rows plus this. */
  longestPrefix: number
}

/** The placement of a batch: every row's, or, where rows differ, the most that any has and whose is what. */
export interface BatchPlacement extends Placement {
  /** Consecutive rows of the batch with a placement of their own; it stands next to the tokens, and what is left of the batch's is masked. */
  groups?: readonly (Placement & { batchRows: number })[]
}

export const nothingPlaced: Placement = { rows: 0, prefix: 0, prefixLengths: [], longestPrefix: 0 }

/** Positions that it takes of a sequence. */
export const positionsOf = ({ rows, longestPrefix }: Placement): number => rows + longestPrefix

/** A composition as graphs take it. */
export interface PlacedComposition {
  placement: Placement
  /** Texts are embedded, and one block with the rows. */
  inputs: readonly AdapterInput[]
}

/** What a composition takes. Texts count as many rows as `tokens` says; none for who has no tokenizer. */
export function placementOf({ segments, sites, longestPrefix, prefixLengths }: Composed, tokens: (text: string) => number = () => 0): Placement {
  const blocks = segments.map((segment) =>
    segment.kind === 'rows' ? { rows: segment.rows.shape[0], bias: segment.bias?.data } : { rows: tokens(segment.text), bias: segment.bias },
  )
  const prefixes = Object.entries(sites)
    .map(([name, state]) => ({ columns: virtualTokensOf(name, state).prefix, bias: state.bias?.data as Float32Array | undefined }))
    .filter(({ columns }) => columns > 0)
  const prefix = prefixes.reduce((sum, { columns }) => sum + columns, 0)
  const rowBias = strengths(blocks.map(({ rows, bias }) => ({ size: rows, bias })))
  const prefixBias = strengths(prefixes.map(({ columns, bias }) => ({ size: columns, bias })))
  return {
    rows: blocks.reduce((sum, { rows }) => sum + rows, 0),
    ...(rowBias && { rowBias }),
    prefix,
    ...(prefixBias && { prefixBias }),
    prefixLengths: prefixLengths ?? (prefix ? [prefix] : []),
    longestPrefix,
  }
}

/**
 * @param embed token embeddings of a text, `[n,H]`
 * @param served what of it is wanted as inputs
 */
export function placedComposition(composed: Composed, model: ModelSpec, embed: (text: string) => FloatTensor, served?: readonly Serving[]): PlacedComposition {
  const embedded = new Map(composed.segments.flatMap((segment) => (segment.kind === 'text' ? [[segment.text, embed(segment.text)] as const] : [])))
  const placement = placementOf(composed, (text) => embedded.get(text)!.shape[0])
  const blocks = composed.segments.map((segment) => (segment.kind === 'rows' ? segment.rows : embedded.get(segment.text)!).data)
  const rows = floatTensor([placement.rows, rowWidth(model)], joined(blocks))
  return { placement, inputs: adapterInputs({ ...(placement.rows > 0 && { inputsEmbeds: { rows } }), ...composed.sites }, model, served) }
}

/** What an adapter's tensors take, by their shapes; values of a graph that is not built yet will do. */
export function placementOfShapes(sites: Readonly<Record<string, SiteShapes>>): Placement {
  const taken = Object.entries(sites).map(([name, tensors]) => virtualTokensOf(name, tensors))
  const prefixLengths = taken.map(({ prefix }) => prefix).filter(Boolean)
  return {
    rows: taken.reduce((sum, { rows }) => sum + rows, 0),
    prefix: prefixLengths.reduce((sum, length) => sum + length, 0),
    prefixLengths,
    longestPrefix: Math.max(0, ...prefixLengths),
  }
}

/** Several adapters on the same row: rows one after another, prefixes over one another. */
export function stackedPlacement(stack: readonly Placement[]): Placement {
  const rowBias = strengths(stack.map(({ rows, rowBias }) => ({ size: rows, bias: rowBias })))
  const prefixBias = strengths(stack.map(({ prefix, prefixBias }) => ({ size: prefix, bias: prefixBias })))
  return {
    rows: stack.reduce((sum, { rows }) => sum + rows, 0),
    ...(rowBias && { rowBias }),
    prefix: stack.reduce((sum, { prefix }) => sum + prefix, 0),
    ...(prefixBias && { prefixBias }),
    prefixLengths: stack.flatMap(({ prefixLengths }) => prefixLengths),
    longestPrefix: Math.max(0, ...stack.map(({ longestPrefix }) => longestPrefix)),
  }
}

/** Different adapters on different rows of a batch. */
export function batchPlacement(groups: readonly (Placement & { batchRows: number })[]): BatchPlacement {
  const [{ batchRows: _, ...only }] = groups
  if (groups.length === 1) return only
  const most = (name: 'rows' | 'prefix' | 'longestPrefix'): number => Math.max(...groups.map((group) => group[name]))
  return { rows: most('rows'), prefix: most('prefix'), longestPrefix: most('longestPrefix'), prefixLengths: [], groups }
}

/** Strengths side by side, 0 where a part has none; none at all where no part has any. */
function strengths(parts: readonly { size: number; bias: Float32Array | number | undefined }[]): Float32Array | undefined {
  if (parts.every(({ bias }) => bias === undefined)) return undefined
  return joined(parts.map(({ size, bias = 0 }) => (typeof bias === 'number' ? new Float32Array(size).fill(bias) : bias)))
}

import type { ModelSpec } from '@weft/adapters'
import type { Tensor } from '@weft/ort'
import type { KeyValues } from '../../sequence.ts'

/** Sizes of a model's keys and values: L layers, K heads, D per head. */
export type CacheShape = Pick<ModelSpec, 'numLayers' | 'numKeyValueHeads' | 'headDim'>

/** A layer's two halves. */
export const halves = ['key', 'value'] as const

/** What keys and values are held in: what the model computes in, or less. */
export type CacheDType = 'float32' | 'float16' | 'bfloat16'

/** Keys and values of one layer: past and present at once, since the attention op updates them in place. */
export interface LayerTensors {
  key: Tensor<CacheDType>
  value: Tensor<CacheDType>
}

/**
 * Keys and values of several sequences: per layer a key and a value of `[rows, K, slots, D]`.
 * Bytes in the layout `[L, 2, K, n, D]` of prefixes go in and out of its rows.
 */
export interface KeyValueCache extends Disposable {
  readonly rows: number
  readonly slots: number
  /** Grows when it changes: tensors handed out before are of an older, smaller cache. */
  readonly version: number
  /** Where a row lies among those of the tensors, when a step is told of its rows by index. */
  place(row: number): number
  /** Makes room, keeping the first `used[row]` slots of every row. It never shrinks. */
  reserve(rows: number, slots: number, used: readonly number[]): Promise<void>
  /** Copies `n` slots `[L, 2, K, n, D]` to the start of a row. */
  load(row: number, keyValue: KeyValues, n: number): Promise<void>
  /** Zeros in all slots of a row; absent where attention reads no slot that is not in use. */
  clear?(row: number): Promise<void>
  /** A copy of the first `n` slots of a row, `[L, 2, K, n, D]`. */
  save(row: number, n: number): Promise<KeyValues>
  /** Copies `n` slots `[L, 2, K, n, D]`, held as the cache holds them, to a row's slots from `at` on; absent where only whole rows move. */
  loadPart?(row: number, at: number, keyValue: KeyValues, n: number): void
  /** A copy of a row's `n` slots from `at` on. */
  savePart?(row: number, at: number, n: number): KeyValues
  /** Copies the first `n` slots of a row over another's, or has the two change places. */
  move(from: number, to: number, n: number): void
  /** Completes what moves have left to do; before a run. */
  flush(): Promise<void>
  /** Tensors of `count` rows from `first` on, `[count, K, slots, D]`; of all rows, where a step is told of its rows by index. */
  layers(first: number, count: number): LayerTensors[]
}

export const SMALLEST = 256

/** Capacity for `slots`: 256, 512, 1024, …, so that growing copies each slot a bounded number of times. */
export function bucket(slots: number): number {
  let capacity = SMALLEST
  while (capacity < slots) capacity *= 2
  return capacity
}

/** A cache's tensors by the names that inference graphs give them, as inputs and as outputs: the same memory, written in place. */
export function cacheNames(layers: readonly LayerTensors[]): { past: Record<string, Tensor>; present: Record<string, Tensor> } {
  const past: Record<string, Tensor> = {}
  const present: Record<string, Tensor> = {}
  layers.forEach(({ key, value }, i) => {
    past[`past_key_values.${i}.key`] = present[`present.${i}.key`] = key
    past[`past_key_values.${i}.value`] = present[`present.${i}.value`] = value
  })
  return { past, present }
}

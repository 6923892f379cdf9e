import type { Runtime, Session, Tensor } from '@weft/ort'
import type { Sequence } from '../sequence.ts'
import { cacheSlots } from './cache/device-cache.ts'
import type { KeyValueCache } from './cache/key-value-cache.ts'

/** A run over some rows of a cache: the first of them, and T new tokens of each. */
export interface Step {
  cache: KeyValueCache
  first: number
  sequences: readonly Sequence[]
  T: number
}

/** The inputs that tell attention where a step's rows lie in the cache and how far each has come. */
export interface StepInputs {
  /** Those of `count` rows. */
  ofRows(runtime: Runtime, count: number, cache: KeyValueCache): Record<string, Tensor>
  /** Those of `count` rows with T new tokens each. */
  ofTokens(runtime: Runtime, count: number, T: number): Record<string, Tensor>
  write(tensors: Readonly<Record<string, Tensor>>, step: Step): void
  /** Width of an attention bias. */
  columns(step: Step): number
  /** Whether a bias masks what a query must not see; the op does it otherwise. */
  readonly causalBias: boolean
}

const lengths = ({ sequences, T }: Step): number[] => sequences.map(({ slots }) => slots + T)

/** Rows are consecutive. `seqlens_k` counts what is there before the newest token: each row's total minus 1. */
export const fusedInputs: StepInputs = {
  ofRows: (runtime, count) => ({ seqlens_k: runtime.tensor('int32', [count]), total_sequence_length: runtime.tensor('int32', []) }),
  ofTokens: () => ({}),
  write(tensors, step) {
    ;(tensors.seqlens_k.data as Int32Array).set(lengths(step).map((length) => length - 1))
    ;(tensors.total_sequence_length.data as Int32Array)[0] = Math.max(...lengths(step))
  },
  columns: (step) => Math.max(...lengths(step)),
  causalBias: false,
}

/** Rows are gathered by index. */
export const productInputs = (K: number): StepInputs => ({
  ofRows: (runtime, count, { slots }) => ({
    cache_rows: runtime.tensor('int64', [count]),
    slot_index: runtime.tensor(
      'float32',
      [slots],
      Float32Array.from({ length: slots }, (_, slot) => slot),
    ),
  }),
  ofTokens: (runtime, count, T) => ({ cache_slots: runtime.tensor('int64', [count, K, T, 3]), query_ends: runtime.tensor('float32', [count, T]) }),
  write(tensors, { cache, first, sequences, T }) {
    const rows = sequences.map(({ slots }, b) => ({ place: cache.place(first + b), from: slots }))
    ;(tensors.cache_rows.data as BigInt64Array).set(rows.map(({ place }) => BigInt(place)))
    ;(tensors.cache_slots.data as BigInt64Array).set(cacheSlots(K, rows, T))
    const ends = tensors.query_ends?.data as Float32Array | undefined
    rows.forEach(({ from }, b) => {
      for (let t = 0; t < T; t++) if (ends) ends[b * T + t] = from + t + 1
    })
  },
  columns: ({ cache }) => cache.slots,
  causalBias: true,
})

/** Those that a session has. */
export const asked = (tensors: Record<string, Tensor>, { inputs }: Session): Record<string, Tensor> => {
  const names = new Set(inputs.map(({ name }) => name))
  for (const [name, tensor] of Object.entries(tensors)) if (!names.has(name)) tensor.dispose()
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => names.has(name)))
}

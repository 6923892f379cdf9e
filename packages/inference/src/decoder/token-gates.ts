import { invocationStarts } from '@weft/adapters'
import type { Runtime } from '@weft/ort'
import type { AdapterTensors, KeyedInputs } from '../compositions/adapter-tensors.ts'
import type { OpenedAt, Sequence } from '../sequence.ts'
import type { BoundTensors } from '../shared-tensors.ts'
import { type Bound, rebind } from './bound-run.ts'

/** Where a composition's invocations begin in these tokens. @param from what the first of the tokens counts */
export const openedAt = (layers: AdapterTensors | null, tokens: readonly number[], from = 0): OpenedAt =>
  Object.fromEntries(
    [...(layers?.inputs ?? [])].flatMap(([name, { invocations }]) =>
      invocations ? [[name, invocationStarts(tokens, invocations).map((at) => (at === null ? null : from + at))]] : [],
    ),
  )

/** The first token at which anything that waits acts; Infinity where nothing does. */
export const firstOpened = (opened: OpenedAt): number =>
  Math.min(
    Infinity,
    ...Object.values(opened)
      .flat()
      .filter((at) => at !== null),
  )

/** Writes what each of a step's tokens is open for, `[B,T,I]`, as wide as what is bound beside it. */
export function writeGates(runtime: Runtime, { binding, tensors, gates, layers }: Bound, sequences: readonly Sequence[], T: number): void {
  for (const { name, width } of gates) {
    const I = width(layers!)
    const shape = [sequences.length, T, I]
    if (String(tensors[name]?.shape) !== String(shape)) rebind(binding, tensors, name, runtime.tensor('float32', shape))
    const values = tensors[name].data as Float32Array
    values.fill(0)
    for (const [b, { slots, opened }] of sequences.entries())
      for (const [i, at] of (opened[name] ?? []).entries()) if (at !== null) for (let t = Math.max(0, at - slots); t < T; t++) values[(b * T + t) * I + i] = 1
  }
}

/** A session's gates, and how wide each is beside tensors that are bound. */
export const gatesOf = (inputs: KeyedInputs | null): Bound['gates'] =>
  (inputs?.inputs ?? [])
    .filter(({ perToken }) => perToken)
    .map(({ name, shape: [symbol] }) => {
      const beside = inputs!.inputs.find((other) => !other.perToken && other.shape.includes(symbol))!
      const axis = beside.shape.indexOf(symbol) + (inputs!.perRow ? 1 : 0)
      return { name, width: (bound: readonly BoundTensors[]) => bound.find((tensors) => beside.name in tensors)![beside.name].shape[axis] }
    })

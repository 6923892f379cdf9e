import { type FloatTensor, inputsKey, type PlacedComposition, type Placement, stackedPlacement } from '@weft/adapters'
import { type BoundAdapter, constants } from '@weft/adapters/hooks'
import type { GraphBuilder } from '@weft/graph'

/** What acts beside the trained adapter, without learning: rows of `before` stand in front of its own, rows of `after` behind. */
export interface FrozenContext {
  before: readonly PlacedComposition[]
  after: readonly PlacedComposition[]
}

export const noContext: FrozenContext = { before: [], after: [] }

/** Sessions are made per shape: contexts of one key share them. Strengths are part of it, since a layout is made with them. */
export const contextKey = ({ before, after }: FrozenContext): string =>
  JSON.stringify(
    [before, after].map((side) =>
      side.map(({ placement: { rowBias, prefixBias, ...placement }, inputs }) => [
        inputsKey(inputs),
        placement,
        rowBias && [...rowBias],
        prefixBias && [...prefixBias],
      ]),
    ),
  )

/** Every frozen tensor under its input's name, those before first. */
export const contextTensors = ({ before, after }: FrozenContext): Map<string, FloatTensor> =>
  new Map([...before, ...after].flatMap(({ inputs }, n) => inputs.map(({ name, tensor }): [string, FloatTensor] => [`${contextName(n)}.${name}`, tensor])))

/** Adds a context's inputs to a graph, `context.<n>.<site>.<tensor>`: its adapters in order, the trained one between the two sides. */
export const inContext = (g: GraphBuilder, { before, after }: FrozenContext, own: readonly BoundAdapter[]): BoundAdapter[] => {
  const bound = [...before, ...after].map((placed, n) => constants(g, contextName(n), placed))
  return [...bound.slice(0, before.length), ...own, ...bound.slice(before.length)]
}

const contextName = (n: number): string => `context.${n}`

/** What everybody takes together, with strengths. */
export const placementIn = ({ before, after }: FrozenContext, own: Placement): Placement =>
  stackedPlacement([...before.map(({ placement }) => placement), own, ...after.map(({ placement }) => placement)])

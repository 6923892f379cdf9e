import { type AdapterInput, type FloatTensor, inputsKey, type PlacedComposition, type Placement, stackedPlacement } from '@weft/adapters'
import { type BoundAdapter, constants, type TokenColumns } from '@weft/adapters/hooks'
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

/** A context's inputs under their names in a graph, those before first. */
export const contextInputs = ({ before, after }: FrozenContext): { name: string; input: AdapterInput }[] =>
  [...before, ...after].flatMap(({ inputs }, n) => inputs.map((input) => ({ name: `${contextName(n)}.${input.name}`, input })))

/** Every frozen tensor under its input's name; what every token has of its own is the batch's. */
export const contextTensors = (context: FrozenContext): Map<string, FloatTensor> =>
  new Map(contextInputs(context).flatMap(({ name, input: { tensor, perToken } }): [string, FloatTensor][] => (perToken ? [] : [[name, tensor]])))

/** Adds a context's inputs to a graph, `context.<n>.<site>.<tensor>`: its adapters in order, the trained one between the two sides. */
export const inContext = (g: GraphBuilder, { before, after }: FrozenContext, own: readonly BoundAdapter[], tokens: TokenColumns): BoundAdapter[] => {
  const bound = [...before, ...after].map((placed, n) => constants(g, contextName(n), placed, tokens))
  return [...bound.slice(0, before.length), ...own, ...bound.slice(before.length)]
}

const contextName = (n: number): string => `context.${n}`

/** What everybody takes together, with strengths. */
export const placementIn = ({ before, after }: FrozenContext, own: Placement): Placement =>
  stackedPlacement([...before.map(({ placement }) => placement), own, ...after.map(({ placement }) => placement)])

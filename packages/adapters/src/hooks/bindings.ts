import type { GraphBuilder, Shape, Value } from '@weft/graph'
import { siteNotTrainable } from '../errors.ts'
import { nothingPlaced, type PlacedComposition, type Placement, placementOfShapes } from '../placement.ts'
import type { AdapterInput } from '../sites/inputs.ts'
import type { SiteValues } from '../sites/values.ts'
import { lowerings } from './lowerings.ts'
import { type Slots, slotsOfRows } from './slots.ts'

/** An adapter as a graph has it: the inputs of its sites by site and name. */
export interface BoundAdapter {
  sites: Readonly<Record<string, Readonly<Record<string, Value>>>>
  placement: Placement
  /** Of sites whose inputs are banks. */
  slots?: Readonly<Record<string, Slots>>
}

/** An adapter whose tensors the graph computes: what a method encodes of its parameters. */
export const parameters = (g: GraphBuilder, values: SiteValues): BoundAdapter => ({
  sites: Object.fromEntries(Object.entries(values).map(([site, state]) => [site, lowerings[site]?.inputs?.(g, state) ?? state])),
  placement: placementOfShapes(values),
})

/** A composition whose tensors are inputs of the graph, named `<name>.<site>.<tensor>`, at the sizes that they have. */
export const constants = (g: GraphBuilder, name: string, { placement, inputs }: PlacedComposition, tokens?: TokenColumns): BoundAdapter => ({
  sites: bySite(
    inputs.map((input) => {
      const { shape, data } = input.tensor
      if (input.invocations) return [input, gateInput(g, `${name}.${input.name}`, input.invocations, tokens)]
      return [input, input.idle ? g.constant(data, shape) : g.input(`${name}.${input.name}`, 'float32', shape)]
    }),
  ),
  placement,
})

/** Sizes of a batch of tokens, as a graph is built for them. */
export interface TokenColumns {
  rows: number
  length: number
}

/** What opens an adapter at each token, `[B,T,I]`, as `tokenGate` writes it. */
export function gateInput(g: GraphBuilder, name: string, invocations: readonly unknown[], tokens: TokenColumns | undefined): Value {
  if (!tokens) throw siteNotTrainable(name, 'it waits for tokens, and this graph reads none one after another')
  return g.input(name, 'float32', [tokens.rows, tokens.length, invocations.length])
}

/** An adapter's inputs as a graph knows them that serves any adapter with the same ones. */
export interface SlotInputs {
  inputs: readonly Pick<AdapterInput, 'site' | 'name' | 'shape' | 'neutral' | 'transposedInSlots' | 'perToken'>[]
  /** Banks `[slots, …]` of each site, with a slot for each row that has it; otherwise all rows share one, without an axis for it. */
  perRow: boolean
}

/** The input of a site with banks that says which row of the batch has each of its slots. */
export const rowsInput = (site: string): string => `${site}.rows_with_slots`

/** Any adapter whose tensors are inputs of the graph, named `<site>.<tensor>`, at sizes that are known when it runs. */
export const slots = (g: GraphBuilder, { inputs, perRow }: SlotInputs): BoundAdapter => ({
  sites: bySite(
    inputs.map((input) => {
      const shape = input.perToken ? ['B', 'T', ...input.shape] : perRow ? [slotsOf(input.site), ...slotShape(input)] : input.shape
      return [input, g.input(input.name, 'float32', shape as Shape)]
    }),
  ),
  placement: nothingPlaced,
  ...(perRow && {
    slots: Object.fromEntries(
      [...new Set(inputs.map(({ site }) => site))].map((site) => [site, slotsOfRows(g, g.input(rowsInput(site), 'int64', [slotsOf(site)]))]),
    ),
  }),
})

/** How many there are. */
const slotsOf = (site: string): string => `slots.${site}`

/** Sizes of one slot of an input's bank. */
export const slotShape = ({ shape, transposedInSlots }: Pick<AdapterInput, 'shape' | 'transposedInSlots'>): Shape =>
  transposedInSlots ? shape.toReversed() : shape

function bySite(values: readonly (readonly [{ site: string; name: string }, Value])[]): BoundAdapter['sites'] {
  const sites: Record<string, Record<string, Value>> = {}
  for (const [{ site, name }, value] of values) (sites[site] ??= {})[name.slice(site.length + 1)] = value
  return sites
}

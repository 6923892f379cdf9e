import { type AdapterInput, type AdapterState, adapterInputs, type SiteValues, siteOf } from '@weft/adapters'
import { gateInput, type TokenColumns } from '@weft/adapters/hooks'
import type { GraphBuilder } from '@weft/graph'
import type { Plugin } from '@weft/methods'
import type { ModelShape } from '@weft/model'
import { contextInputs, type FrozenContext } from '../regularize/frozen-context.ts'

/** What of a program tells what it waits for. */
interface Waiting {
  plugin: Pick<Plugin, 'constants'>
  config: unknown
  model: Pick<ModelShape, 'spec'>
}

/** A graph input `[B,T,I]` that tells from which of a row's tokens on something acts. */
export interface TokenGate {
  name: string
  /** I sequences of tokens: it acts from the last occurrence on. */
  invocations: NonNullable<AdapterInput['invocations']>
}

/** What a method knows without training of what it waits for. */
const ownGates = ({ plugin, config, model }: Waiting): (TokenGate & Pick<AdapterInput, 'site'>)[] => {
  const known: AdapterState = plugin.constants?.(config) ?? {}
  const waiting = Object.fromEntries(Object.entries(known).filter(([site]) => siteOf(site).waits))
  return gated(adapterInputs(waiting, model.spec))
}

const gated = (inputs: readonly AdapterInput[]): (TokenGate & Pick<AdapterInput, 'site'>)[] =>
  inputs.flatMap(({ site, name, invocations }) => (invocations ? [{ site, name, invocations }] : []))

/** Every gate of a graph that trains this program in this context. @param input names the program's own */
export const gatesOf = (program: Waiting, context: FrozenContext, input = (name: string): string => name): TokenGate[] => [
  ...ownGates(program).map(({ name, invocations }) => ({ name: input(name), invocations })),
  ...gatesIn(context),
]

/** Those of a context alone. */
export const gatesIn = (context: FrozenContext): TokenGate[] =>
  contextInputs(context).flatMap(({ name, input: { invocations } }) => (invocations ? [{ name, invocations }] : []))

/** What a method encodes, with the inputs that open it. */
export const withGates = (g: GraphBuilder, program: Waiting, sites: SiteValues, tokens: TokenColumns, input = (name: string): string => name): SiteValues => {
  const opened: SiteValues = { ...sites }
  const columns = program.model.spec.encoderDecoder ? undefined : tokens
  for (const { site, name, invocations } of ownGates(program))
    opened[site] = { ...opened[site], [name.slice(site.length + 1)]: gateInput(g, input(name), invocations, columns) }
  return opened
}

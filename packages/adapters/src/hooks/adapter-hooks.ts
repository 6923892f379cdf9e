import type { Dim, GraphBuilder, Value } from '@weft/graph'
import { siteNotTrainable, unknownSite } from '../errors.ts'
import { type BatchPlacement, batchPlacement, stackedPlacement } from '../placement.ts'
import type { BoundAdapter } from './bindings.ts'
import { keyBiasesBefore } from './key-biases.ts'
import type { HeadValues, Queries, SiteLowering, SiteTensors } from './lowering.ts'
import { lowerings } from './lowerings.ts'
import { bankOf, sizes } from './padding.ts'
import { gatesOfSlots, ofEveryRow } from './per-token.ts'
import { keyValuesBefore, rowsBefore } from './positions.ts'
import { consecutiveSlots, type Slots, type SomeRows } from './slots.ts'

/** How adapters meet a model's graph. Architectures' lowerings call it; they never see a site. */
export interface AdapterHooks {
  /** What stands before the tokens. */
  placement: BatchPlacement
  /** Whether what is done to a row depends on that row alone, not on its place in the batch: a layer may then compute some rows of it. */
  rowwise: boolean
  /** The task's classifier, when all rows share one; and that of each group. */
  head: HeadValues | null
  heads: readonly (HeadValues | null)[]
  /** Token embeddings `[B,T,H]` with the rows in front, `[B,S,H]`. */
  rows(tokens: Value): Value
  /** Keys (after rotation) and values `[B,K,S,D]` with the prefix in front, `[B,K,prefix+S,D]`. */
  keyValue(layer: number, k: Value, v: Value): { k: Value; v: Value }
  /** What is added to the attention logits toward a layer's prefix, `[B or 1,K,prefix]`; null without any. */
  keyBias(layer: number): Value | null
  /** Adds to a layer's attention what gated branches say; null without any. */
  attentionExtra(layer: number, q: Queries): AttentionExtra | null
  /** A linear layer with what adapters do to it: `out ⊙ apply(in ⊙ x) + B·A·x + bias`, `x [M,in]` → `[M,out]`. */
  linear(module: string, x: Value, apply: (x: Value) => Value): Value
  /** The residual stream `x [M,H]` behind a layer, with what adapters add to it. */
  residual(layer: number, x: Value): Value
  /** What an adapter puts in a weight's place; undefined where the base's stands. */
  replacement(name: string): Value | undefined
}

/**
 * What a layer attended to, `[B, …]`, with what is added to it. `laid` brings that into the same shape from `[B,N,S,D]`, where it has another, whichever rows it
 * is of.
 */
export type AttentionExtra = (attended: Value, laid?: (extra: Value) => Value) => Value

/** Consecutive rows of a batch, with a stack of adapters of their own; none for the bare model. */
export interface AdapterGroup {
  /** A number where there are several groups. */
  rows: Dim
  /** Rows follow one another in the order given, prefixes overlay one another. */
  adapters: readonly BoundAdapter[]
}

/** A site of an adapter, or of several that have one each in different rows of the batch. */
interface Acting {
  lowering: SiteLowering
  tensors: SiteTensors
  slots?: Slots
}

/**
 * The hooks of a batch. How its adapters are bound is all that training (`parameters`), a frozen context and an encoder (`constants`) and a
 * decoder (`slots`) differ in. An adapter that is given to every group (the same object) acts once, on all rows.
 * Error `site_not_trainable` for what exists once in a batch: replaced weights that groups do not share.
 */
export function adapterHooks(g: GraphBuilder, groups: readonly AdapterGroup[]): AdapterHooks {
  const { common, own } = shared(groups)
  const placement = batchPlacement(
    groups.map(({ rows, adapters }) => ({ batchRows: Number(rows), ...stackedPlacement(adapters.map(({ placement }) => placement)) })),
  )
  const sitesOf = (adapter: BoundAdapter): Acting[] => actingOf(g, adapter, placement.rows)
  const acting = [...common.flatMap(sitesOf), ...sideBySide(g, groups, own, placement.rows)]
  const at = <P extends 'attentionExtra' | 'linearInput' | 'linearOutput' | 'linearAdd' | 'residual'>(place: P) =>
    acting.filter(({ lowering }) => lowering[place])
  const [extra, inputs, outputs, added] = [at('attentionExtra'), at('linearInput'), at('linearOutput'), at('linearAdd')]
  const behind = at('residual')
  const replacing = common.flatMap(sitesOf).filter(({ lowering }) => lowering.weight)
  const heads = groups.map(({ adapters }) => adapters.flatMap(sitesOf).flatMap(({ lowering, tensors }) => lowering.head?.(tensors) ?? []))
  if (heads.some(({ length }) => length > 1)) throw siteNotTrainable('head', 'there are two of them, and a row has one classifier')
  const blocks = (of: 'rows' | 'prefix') =>
    groups.map(({ rows, adapters }) => ({ rows, values: adapters.flatMap(sitesOf).flatMap(({ lowering, tensors }) => lowering[of]?.(tensors) ?? []) }))

  const prefixes = groups.map(({ rows, adapters }) => ({
    rows,
    prefixes: adapters
      .flatMap(sitesOf)
      .map(({ lowering, tensors, slots }) => ({ prefix: lowering.prefix?.(tensors), keyBias: lowering.keyBias?.(tensors, slots) }))
      .filter(({ prefix, keyBias }) => prefix || keyBias),
  }))

  const replacement = (name: string): Value | undefined =>
    replacing.reduce<Value | undefined>((found, { lowering, tensors }) => lowering.weight!(tensors, name) ?? found, undefined)

  return {
    placement,
    rowwise: acting.every(({ lowering, slots }) => !slots && !lowering.perToken),
    head: heads.every(([head]) => head === heads[0][0]) ? (heads[0][0] ?? null) : null,
    heads: heads.map(([head]) => head ?? null),
    rows: rowsBefore(g, blocks('rows')),
    keyValue: keyValuesBefore(g, blocks('prefix')),
    keyBias: keyBiasesBefore(g, prefixes),
    attentionExtra(layer, q) {
      let sum: Value | undefined
      const ofSome: { some: SomeRows; added: Value }[] = []
      for (const { lowering, tensors, slots } of extra) {
        const next = lowering.attentionExtra!(g, { layer, q }, tensors, slots)
        if (next && slots?.some) ofSome.push({ some: slots.some, added: next })
        else if (next) sum = sum ? g.add(sum, next) : next
      }
      if (!sum && ofSome.length === 0) return null
      return (attended, laid = (added) => added) => ofSome.reduce((y, { some, added }) => some.add(y, laid(added)), sum ? g.add(attended, laid(sum)) : attended)
    },
    linear(module, x, apply) {
      const scaled = g.scope(module, () => inputs.reduce((x, { lowering, tensors, slots }) => lowering.linearInput!(g, { module, x }, tensors, slots) ?? x, x))
      const frozen = apply(scaled)
      return g.scope(module, () => {
        const y = outputs.reduce((y, { lowering, tensors, slots }) => lowering.linearOutput!(g, { module, y }, tensors, slots) ?? y, frozen)
        return added.reduce((y, { lowering, tensors, slots }) => lowering.linearAdd!(g, { module, x, y }, tensors, slots) ?? y, y)
      })
    },
    residual: (layer, x) => behind.reduce((x, { lowering, tensors, slots }) => lowering.residual!(g, { layer, x }, tensors, slots) ?? x, x),
    replacement,
  }
}

const actingOf = (g: GraphBuilder, { sites, slots }: BoundAdapter, placed: number): Acting[] =>
  Object.entries(sites).map(([site, values]) => {
    const lowering = loweringOf(site)
    const flatGate = once((gate: Value) => ofEveryRow(g, gate, placed))
    return {
      lowering,
      tensors: (name) => (name === lowering.mask && isIdle(values[name]) ? undefined : name === lowering.perToken ? flatGate(values[name]) : values[name]),
      ...(slots && { slots: slots[site] }),
    }
  })

function loweringOf(site: string): SiteLowering {
  const lowering = lowerings[site]
  if (!lowering) throw unknownSite(site, Object.keys(lowerings))
  return lowering
}

/** What every group has as often, and what is left of each. */
function shared(groups: readonly AdapterGroup[]): { common: BoundAdapter[]; own: BoundAdapter[][] } {
  const count = ({ adapters }: AdapterGroup, adapter: BoundAdapter): number => adapters.filter((other) => other === adapter).length
  const isCommon = (adapter: BoundAdapter): boolean => groups.every((group) => count(group, adapter) === count(groups[0], adapter))
  return { common: groups[0].adapters.filter(isCommon), own: groups.map(({ adapters }) => adapters.filter((adapter) => !isCommon(adapter))) }
}

/** The first of every group's own adapters as one with banks, then the second of every group … */
function sideBySide(g: GraphBuilder, groups: readonly AdapterGroup[], own: readonly BoundAdapter[][], placed: number): Acting[] {
  const most = Math.max(...own.map(({ length }) => length))
  if (most === 0) return []
  const counts = groups.map(({ rows }) => Number(rows))
  const slots = consecutiveSlots(g, counts)
  return Array.from({ length: most }, (_, i) => own.map((adapters) => adapters[i]?.sites ?? {})).flatMap((adapters) =>
    [...new Set(adapters.flatMap((sites) => Object.keys(sites)))].map((site) => {
      const lowering = loweringOf(site)
      if (lowering.weight) throw siteNotTrainable(site, 'a batch has one base model, and its groups replace different weights')
      const states = adapters.map((sites) => sites[site])
      const laid = banks(g, lowering, states)
      const gate = once((gates: readonly (Value | undefined)[]) => ofEveryRow(g, gatesOfSlots(g, gates, counts), placed))
      return { lowering, tensors: (name) => (name === lowering.perToken ? gate(states.map((state) => state?.[name])) : laid(name)), slots }
    }),
  )
}

/** What is made of the first argument, made once. */
function once<A, B>(make: (argument: A) => B): (argument: A) => B {
  let made: B | undefined
  return (argument) => (made ??= make(argument))
}

/** Banks are laid when they are asked for. */
function banks(g: GraphBuilder, { neutral = () => 0, mask }: SiteLowering, slots: readonly SiteOfSlot[]): SiteTensors {
  const laid = new Map<string, Value>()
  return (name) => {
    const values = slots.map((each) => each?.[name])
    if (values.every((value) => value === undefined) || (name === mask && values.every(isIdle) && !padded(slots))) return undefined
    const bank = laid.get(name) ?? bankOf(g, values, neutral(name))
    laid.set(name, bank)
    return bank
  }
}

type SiteOfSlot = Readonly<Record<string, Value>> | undefined

/** A mask that hides nothing. */
const isIdle = (mask: Value | undefined): boolean => mask?.constant !== undefined && Array.from(mask.constant.data, Number).every((value) => value === 0)

/** Whether something is filled up when these lie side by side. */
const padded = (slots: readonly SiteOfSlot[]): boolean =>
  [...new Set(slots.flatMap((values) => Object.keys(values ?? {})))].some(
    (name) => new Set(slots.map((values) => values?.[name] && sizes(values[name]).join())).size > 1,
  )

import { adapterNotLoaded, mixNotSupported, mixSites, outputsInside } from '../errors.ts'
import type { LoadedAdapter } from '../file/loaded.ts'
import type { AdapterManifest } from '../file/manifest.ts'
import type { Canonical, CanonicalTerm } from '../language/canonical-form.ts'
import type { ModelSpec } from '../model-spec.ts'
import { siteOf, virtualTokensOf } from '../sites/index.ts'
import { textState } from '../sites/text/algebra.ts'
import { validateState } from '../sites/validate.ts'
import { type FloatTensor, identical, type SiteState } from '../tensor.ts'
import type { Composed, Segment } from './composed.ts'

/** A state that takes positions, and the trunk's own state when the expression names it. */
interface Block {
  site: string
  state: SiteState
  over?: SiteState
  ref: string
}
interface Held {
  state: SiteState
  ref: string
}

/** A composition on its way: blocks in order, the other sites' states, and what the manifests add. */
interface Stacked {
  blocks: Block[]
  free: Map<string, Held>
  longestPrefix: number
  /** Columns of each prefix. */
  prefixLengths: readonly number[]
  head?: HeadFacts
}

/** What a manifest says of its head. */
type HeadFacts = Pick<Composed, 'labels' | 'labelTasks' | 'task' | 'pooling'>

/**
 * Computes a composition's tensors from its adapters': float arithmetic in canonical order, so that every machine gets
 * the same bits.
 * @param loaded the adapters by digest
 * @throws `outputs_inside` for what has several compositions; what the sites refuse (`mix_shapes_differ`, `stack_not_supported`, …), naming the terms
 */
export function compose(canonical: Canonical, loaded: ReadonlyMap<string, LoadedAdapter>, model: ModelSpec): Composed {
  if (canonical.outputs) throw outputsInside(canonical.outputs.operator)
  const { blocks, free, longestPrefix, prefixLengths, head } = stackTerms(canonical.terms, loaded, model)
  return {
    segments: blocks.map(({ site, state, over }) => siteOf(site).segment!(state, over)).reduce<Segment[]>(joinSegment, []),
    sites: Object.fromEntries([...free].map(([site, { state }]) => [site, state])),
    longestPrefix,
    ...(prefixLengths.length > 1 && { prefixLengths: [...prefixLengths] }),
    ...head,
  }
}

const stackTerms = (terms: readonly CanonicalTerm[], loaded: ReadonlyMap<string, LoadedAdapter>, model: ModelSpec): Stacked =>
  terms.map((term) => stackTerm(term, loaded, model)).reduce(join, { blocks: [], free: new Map(), longestPrefix: 0, prefixLengths: [] })

function stackTerm(term: CanonicalTerm, loaded: ReadonlyMap<string, LoadedAdapter>, model: ModelSpec): Stacked {
  if (term.kind === 'text') return scaled(fromStates({ text: textState(term.text) }, JSON.stringify(term.text)), term.weight)
  if (term.kind === 'mix') return scaled(mixed(term.args.map(({ weight, terms }) => ({ weight, stacked: stackTerms(terms, loaded, model) }))), term.weight)
  const adapter = loaded.get(term.digest)
  if (!adapter) throw adapterNotLoaded(term.digest)
  for (const [site, state] of Object.entries(adapter.state)) validateState(site, state, model, term.ref)
  const stacked = fromStates(adapter.state, term.ref)
  return scaled(adapter.manifest.labels ? { ...stacked, head: headFacts(adapter.manifest) } : stacked, term.weight)
}

/** Without what goes without saying, so that a sentence classifier's composition is what it always was. */
const headFacts = ({ labels, labelTasks, task, pooling }: AdapterManifest): HeadFacts => ({
  ...(labels && { labels }),
  ...(labelTasks && { labelTasks }),
  ...(task !== 'SEQ_CLS' && { task }),
  ...(pooling && pooling !== 'peft' && { pooling }),
})

function fromStates(states: Record<string, SiteState>, ref: string): Stacked {
  const stacked: Stacked & { prefixLengths: number[] } = { blocks: [], free: new Map(), longestPrefix: 0, prefixLengths: [] }
  for (const [name, state] of Object.entries(states)) {
    const site = siteOf(name)
    if (site.ordered) stacked.blocks.push({ site: name, state, ref })
    else stacked.free.set(name, { state, ref })
    const { prefix } = virtualTokensOf(name, state)
    if (prefix) stacked.prefixLengths.push(prefix)
    stacked.longestPrefix = Math.max(stacked.longestPrefix, prefix)
  }
  return stacked
}

function scaled(stacked: Stacked, weight: number): Stacked {
  if (weight === 1) return stacked
  const scale = (site: string, state: SiteState, ref: string): SiteState => siteOf(site).scale(state, weight, ref)
  return {
    ...stacked,
    blocks: stacked.blocks.map((block) => ({
      ...block,
      state: scale(block.site, block.state, block.ref),
      ...(block.over ? { over: scale(siteOf(block.site).branchOf!, block.over, block.ref) } : {}),
    })),
    free: new Map([...stacked.free].map(([site, { state, ref }]) => [site, { state: scale(site, state, ref), ref }])),
  }
}

/** `a + b`: b's blocks after a's, branches into their trunks, every other site's states stacked. */
function join(a: Stacked, b: Stacked): Stacked {
  const free = new Map(a.free)
  for (const [site, held] of b.free) {
    const before = free.get(site)
    free.set(site, before ? { state: siteOf(site).stack(before.state, held.state, [before.ref, held.ref]), ref: held.ref } : held)
  }
  const head = a.head ?? b.head
  return {
    blocks: b.blocks.reduce(place, a.blocks),
    free,
    longestPrefix: Math.max(a.longestPrefix, b.longestPrefix),
    prefixLengths: [...a.prefixLengths, ...b.prefixLengths],
    ...(head && { head }),
  }
}

/** Appends a block; a branch goes into the block that is its trunk, or that branches from the same one. */
function place(blocks: Block[], next: Block): Block[] {
  const site = siteOf(next.site)
  if (!site.branchOf) return [...blocks, next]
  const trunk = site.shared!(next.state)
  const at = blocks.findIndex(
    (block) => (block.site === next.site || block.site === site.branchOf) && identical(siteOf(block.site).shared!(block.state), trunk),
  )
  if (at < 0) return [...blocks, next]
  const block = blocks[at]
  const merged: Block =
    block.site === next.site ? { ...block, state: site.stack(block.state, next.state, [block.ref, next.ref]), ref: next.ref } : { ...next, over: block.state }
  return blocks.with(at, merged)
}

/** `mix(w·a, v·b)`: the weighted sum site by site; every argument has the same sites. */
function mixed(args: { weight: number; stacked: Stacked }[]): Stacked {
  const parts = args.map(({ weight, stacked }) => ({ weight, states: statesOf(stacked), ref: refOf(stacked) }))
  const names = parts.map(({ states }) => Object.keys(states).sort().join(', '))
  if (new Set(names).size > 1)
    throw mixSites(
      parts.map(({ ref }) => ref),
      names,
    )
  const states = Object.fromEntries(
    Object.keys(parts[0].states).map((site) => [site, siteOf(site).mix(parts.map(({ weight, states, ref }) => ({ weight, state: states[site], ref })))]),
  )
  return {
    ...fromStates(states, parts.map(({ ref }) => ref).join(', ')),
    longestPrefix: Math.max(...args.map(({ stacked }) => stacked.longestPrefix)),
    // All have as many columns; a mix of stacked prefixes is cut as its first argument is.
    prefixLengths: args[0].stacked.prefixLengths,
  }
}

/** An argument of a mix as one state per site: several blocks become one block of rows. */
function statesOf({ blocks, free }: Stacked): Record<string, SiteState> {
  const states: Record<string, SiteState> = Object.fromEntries([...free].map(([site, { state }]) => [site, state]))
  if (blocks.length === 1 && !blocks[0].over) states[blocks[0].site] = blocks[0].state
  else if (blocks.length > 0) {
    const rows = blocks.map(({ site, state, over, ref }): SiteState => {
      const segment = siteOf(site).segment!(state, over)
      if (segment.kind !== 'rows') throw mixNotSupported(site, [ref])
      return { rows: segment.rows, ...(segment.bias ? { bias: segment.bias } : {}) }
    })
    states.inputsEmbeds = rows.reduce((a, b) => siteOf('inputsEmbeds').stack(a, b))
  }
  return states
}

const refOf = ({ blocks, free }: Stacked): string => [...new Set([...blocks, ...free.values()].map(({ ref }) => ref))].join(' + ')

/** Neighbours of one kind become one segment; texts only when they are equally strong, since a text has one strength. */
function joinSegment(segments: Segment[], next: Segment): Segment[] {
  const last = segments.at(-1)
  if (last?.kind === 'text' && next.kind === 'text' && last.bias === next.bias) {
    return [...segments.slice(0, -1), { ...last, text: last.text + next.text }]
  }
  if (last?.kind === 'rows' && next.kind === 'rows') {
    const { rows, bias } = siteOf('inputsEmbeds').stack(stateOf(last), stateOf(next)) as Record<string, FloatTensor>
    return [...segments.slice(0, -1), bias ? { kind: 'rows', rows, bias } : { kind: 'rows', rows }]
  }
  return [...segments, next]
}

const stateOf = ({ rows, bias }: Segment & { kind: 'rows' }): SiteState => (bias ? { rows, bias } : { rows })

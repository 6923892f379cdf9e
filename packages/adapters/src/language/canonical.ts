import { autoNotChosen, invalidStrength, mixNotSupported, outputsNested, stackNotSupported, strengthNotSupported, tooManyTerms } from '../errors.ts'
import { siteOf } from '../sites/index.ts'
import type { Canonical, CanonicalTerm } from './canonical-form.ts'
import type { AdapterRef, Expression } from './expression.ts'
import { limits } from './limits.ts'
import { type CanonicalOperand, canonicalOutputs, isOutputs } from './outputs.ts'
import { byCodeUnit, checkSize, multiplied, strengthOf, weighted } from './spelling.ts'

/** An adapter's digest, and the parts of its manifest that ordering and checking terms need. */
export interface ResolvedAdapter {
  /** `name@version`, for people; what stands before the `@` is the name. */
  ref: string
  digest: string
  /** From the manifest. */
  sites: readonly string[]
  shared?: Readonly<Record<string, string>>
}

/** A term and what ordering needs: its text without the strength, and the block of rows that it is or branches from. */
interface Item {
  term: CanonicalTerm
  text: string
  ref: string
  sites: readonly string[]
  ordered: boolean
  isBranch: boolean
  block: string | undefined
}

/**
 * Brings an expression to its canonical form: strengths multiplied out, terms of strength 0 dropped, terms whose order is
 * free sorted by digest behind those that take positions, branches gathered at their trunk.
 * @param resolve called for every adapter named; throws when there is none
 * @throws 400 `invalid_strength`, `strength_not_supported`, `too_many_terms`, `outputs_nested`, `outputs_operand`, `operands_alike`
 */
export function canonical(expression: Expression | null, resolve: (ref: AdapterRef) => ResolvedAdapter): Canonical {
  const budget = { left: limits.terms }
  const within = (inner: Expression | null): CanonicalOperand => {
    const items = inner ? arrange(flatten(inner, 1, resolve, budget)) : []
    return { terms: items.map(({ term }) => term), text: joined(items), sites: [...new Set(items.flatMap(({ sites }) => sites))], named: named(items) }
  }
  if (expression && isOutputs(expression)) return canonicalOutputs(expression, within)
  const { terms, text } = within(expression)
  return { terms, text }
}

/** As `joined`, by the names that people gave. */
const named = (items: readonly Item[]): string => items.map(({ term, ref }) => weighted(term.weight, ref)).join(' + ')

const joined = (items: readonly Item[]): string => items.map(({ term, text }) => weighted(term.weight, text)).join(' + ')

type Resolve = (ref: AdapterRef) => ResolvedAdapter
type Budget = { left: number }

function flatten(expression: Expression, weight: number, resolve: Resolve, budget: Budget): Item[] {
  checkSize(weight, expression.offset)
  switch (expression.kind) {
    case 'scale':
      checkSize(expression.weight, expression.offset)
      return flatten(expression.of, multiplied(weight, expression.weight, expression.offset), resolve, budget)
    case 'sum':
      return expression.terms.flatMap((term) => flatten(term, weight, resolve, budget))
    case 'text':
      spend(budget)
      if (weight === 0) return []
      checkStrength('text', weight, JSON.stringify(expression.text), expression.offset)
      return expression.text === '' ? [] : [textItem(expression.text, weight)]
    case 'adapter': {
      spend(budget)
      const adapter = resolve(expression)
      if (weight === 0) return []
      for (const site of adapter.sites) checkStrength(site, weight, adapter.ref, expression.offset)
      return adapter.sites.length ? [adapterItem(adapter, weight)] : []
    }
    case 'mix':
      return mixItems(expression.terms, weight, resolve, budget)
    case 'auto':
      throw autoNotChosen(expression.offset)
    default:
      throw outputsNested(expression.kind, expression.offset)
  }
}

function spend(budget: Budget): void {
  if (budget.left-- === 0) throw tooManyTerms(limits.terms + 1, limits.terms)
}

function checkStrength(site: string, weight: number, ref: string, offset: number | undefined): void {
  const { strength } = siteOf(site)
  if (weight === 1) return
  if (strength === 'none') throw strengthNotSupported(site, ref)
  if (strength === 'log' && weight < 0)
    throw invalidStrength(weight, `${ref} is weighted inside attention (${site}), so its strength must not be negative`, offset)
}

const textItem = (text: string, weight: number): Item => ({
  term: { kind: 'text', weight, text },
  text: JSON.stringify(text),
  ref: JSON.stringify(text),
  sites: ['text'],
  ordered: true,
  isBranch: false,
  block: undefined,
})

function adapterItem({ ref, digest, sites, shared }: ResolvedAdapter, weight: number): Item {
  const ordered = sites.filter((site) => siteOf(site).ordered)
  return {
    term: { kind: 'adapter', weight, ref, digest },
    text: digest,
    ref,
    sites,
    ordered: ordered.length > 0,
    isBranch: ordered.length > 0 && ordered.every((site) => siteOf(site).branchOf !== undefined),
    block: ordered.length === 1 ? shared?.[ordered[0]] : undefined,
  }
}

/** A mix. The strengths of its arguments are its weights. */
function mixItems(terms: readonly Expression[], weight: number, resolve: Resolve, budget: Budget): Item[] {
  const args = terms
    .map((term) => {
      const { weight, of } = strengthOf(term)
      return { weight, items: arrange(flatten(of, 1, resolve, budget)) }
    })
    .filter((arg) => arg.weight !== 0 && arg.items.length > 0)
  if (weight === 0 || args.length === 0) return []
  // One argument of weight 1 is that argument, under the strength outside.
  if (args.length === 1 && args[0].weight === 1) return args[0].items.map((item) => rescaled(item, weight))

  const spelled = args
    .map((arg) => {
      const {
        items: [first, ...more],
      } = arg
      const text = more.length > 0 || first.term.weight !== 1 ? `(${joined(arg.items)})` : first.text
      return { ...arg, text: weighted(arg.weight, text) }
    })
    .sort((a, b) => byCodeUnit(a.text, b.text))
  const inside = spelled.flatMap(({ items }) => items)
  for (const site of new Set(inside.flatMap(({ sites }) => sites))) {
    if (!siteOf(site).mixes)
      throw mixNotSupported(
        site,
        inside.filter(({ sites }) => sites.includes(site)).map(({ ref }) => ref),
      )
  }
  const isBranch = inside.every((item) => item.isBranch)
  const text = `mix(${spelled.map((arg) => arg.text).join(', ')})`
  return [
    rescaled(
      {
        term: { kind: 'mix', weight: 1, args: spelled.map((arg) => ({ weight: arg.weight, terms: arg.items.map(({ term }) => term) })) },
        sites: [...new Set(inside.flatMap(({ sites }) => sites))],
        ref: `mix(${args.map((arg) => weighted(arg.weight, arg.items.length > 1 || arg.items[0].term.weight !== 1 ? `(${named(arg.items)})` : arg.items[0].ref)).join(', ')})`,
        ordered: inside.some(({ ordered }) => ordered),
        isBranch,
        block: isBranch && inside.every(({ block }) => block === inside[0].block) ? inside[0].block : undefined,
        text,
      },
      weight,
    ),
  ]
}

function rescaled(item: Item, weight: number): Item {
  if (weight === 1) return item
  const product = multiplied(item.term.weight, weight, undefined)
  checkSize(product, undefined)
  for (const site of item.sites) checkStrength(site, product, item.ref, undefined)
  return { ...item, term: { ...item.term, weight: product } }
}

/** Ordered terms first, as written, each branch behind the first term of its block. Then the others, sorted by their text. */
function arrange(items: readonly Item[]): Item[] {
  const live = items.filter(({ term }) => term.weight !== 0)
  checkExclusive(live)
  const groups: Item[][] = []
  const open = new Map<string, Item[]>()
  for (const item of live.filter(({ ordered }) => ordered)) {
    const group = item.block === undefined ? undefined : open.get(item.block)
    // A second copy of the trunk itself is a separate block. Only branches merge.
    if (group && (item.isBranch || group.every(({ isBranch }) => isBranch))) group.push(item)
    else {
      const fresh = [item]
      groups.push(fresh)
      if (item.block !== undefined && !group) open.set(item.block, fresh)
    }
  }
  for (const group of groups) group.sort((a, b) => Number(a.isBranch) - Number(b.isBranch) || byText(a, b))
  return [...groups.flat(), ...live.filter(({ ordered }) => !ordered).sort(byText)]
}

const byText = (a: Item, b: Item): number => byCodeUnit(a.text, b.text) || a.term.weight - b.term.weight

/** Refuses a second term at sites that hold one state at most, before any file is loaded. */
function checkExclusive(items: readonly Item[]): void {
  const held = new Map<string, Item>()
  for (const item of items) {
    for (const site of item.sites) {
      if (siteOf(site).strength !== 'none') continue
      const other = held.get(site)
      if (other) throw stackNotSupported(site, [other.ref, item.ref])
      held.set(site, item)
    }
  }
}

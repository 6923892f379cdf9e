import { type Composed, type FloatTensor, floatTensor, isFloat, type SiteState, type SiteValues, weave } from '@weft/adapters'
import { GraphBuilder, type Value } from '@weft/graph'
import type { VirtualTokens } from '@weft/model'

/** A composition as a training graph takes it: frozen tensors by site, texts embedded. */
export interface Standing {
  sites: Readonly<Record<string, Readonly<Record<string, FloatTensor>>>>
  /** Log strengths of its rows and of its prefix's columns. */
  rowBias?: Float32Array
  prefixBias?: Float32Array
  /** Positions of its longest single prefix. */
  longestPrefix: number
  /** Columns of each of several prefixes. */
  prefixLengths?: readonly number[]
  /** Classes of its head. */
  labels?: readonly string[]
}

/** What acts beside the trained adapter, without learning: rows of `before` stand in front of its own, rows of `after` behind. */
export interface Company {
  before: readonly Standing[]
  after: readonly Standing[]
}

export const alone: Company = { before: [], after: [] }

/** @param embed token embeddings of a text, `[n, H]` */
export const standingOf = ({ segments, sites, longestPrefix, prefixLengths, labels }: Composed, embed: (text: string) => FloatTensor): Standing => {
  const parts = segments
    .map((segment) => {
      const rows = segment.kind === 'rows' ? segment.rows : embed(segment.text)
      const bias = segment.kind === 'rows' ? segment.bias?.data : segment.bias
      return { rows, bias: typeof bias === 'number' ? new Float32Array(rows.shape[0]).fill(bias) : bias }
    })
    .filter(({ rows }) => rows.shape[0] > 0)
  const numRows = parts.reduce((sum, { rows }) => sum + rows.shape[0], 0)
  const prefixBias = sites.keyValue?.bias?.data as Float32Array | undefined
  return {
    sites: {
      ...(numRows > 0 && { inputsEmbeds: { rows: floatTensor([numRows, parts[0].rows.shape[1]], concat(parts.map(({ rows }) => rows.data))) } }),
      ...Object.fromEntries(Object.entries(sites).map(([site, state]) => [site, floats(state, site === 'keyValue' ? ['bias'] : [])])),
    },
    ...(parts.some(({ bias }) => bias) && { rowBias: concat(parts.map(({ rows, bias }) => bias ?? new Float32Array(rows.shape[0]))) }),
    ...(prefixBias && { prefixBias }),
    longestPrefix,
    ...(prefixLengths && { prefixLengths }),
    ...(labels && { labels }),
  }
}

/** Sessions are made per shape: companies of equal signature share one. Strengths are part of it, since a layout is made with them. */
export const signature = ({ before, after }: Company): string =>
  JSON.stringify(
    [before, after].map((side) =>
      side.map(({ sites, rowBias, prefixBias, longestPrefix, prefixLengths }) => [
        Object.entries(sites).map(([site, state]) => [site, Object.entries(state).map(([name, { shape }]) => [name, shape])]),
        rowBias && [...rowBias],
        prefixBias && [...prefixBias],
        longestPrefix,
        prefixLengths,
      ]),
    ),
  )

/** Every frozen tensor under its input's name, those before first. */
export const companyTensors = ({ before, after }: Company): Map<string, FloatTensor> =>
  new Map(
    [...before, ...after].flatMap(({ sites }, n) =>
      Object.entries(sites).flatMap(([site, state]) =>
        Object.entries(state).map(([name, tensor]): [string, FloatTensor] => [inputName(n, site, name), tensor]),
      ),
    ),
  )

const inputName = (n: number, site: string, tensor: string): string => `company.${n}.${site}.${tensor}`

/** Adds the company's inputs to a graph: everybody's site values in order, the trained adapter's own between the two sides. */
export const beside = (g: GraphBuilder, { before, after }: Company, own: SiteValues): SiteValues[] => {
  const values = [...before, ...after].map(
    ({ sites }, n): SiteValues =>
      Object.fromEntries(
        Object.entries(sites).map(([site, state]) => [
          site,
          Object.fromEntries(Object.entries(state).map(([name, { shape }]): [string, Value] => [name, g.input(inputName(n, site, name), 'float32', shape)])),
        ]),
      ),
  )
  return [...values.slice(0, before.length), own, ...values.slice(before.length)]
}

/** Virtual tokens with every count known. */
export type Counted = VirtualTokens & Required<Pick<VirtualTokens, 'numRows' | 'prefixLength' | 'longestPrefix'>>

/** The virtual positions of everybody together, with strengths. */
export const virtualTokensWith = (company: Company, own: (g: GraphBuilder) => SiteValues): Counted => {
  const g = new GraphBuilder('virtual-tokens')
  const values = own(g)
  const { longestPrefix } = weave(g, values, { batch: 1 })
  const all = beside(g, company, values)
  const { numRows, prefixLength } = weave(g, all, { batch: 1 })
  const everybody = [...company.before, ...company.after]
  const sizes = all.map((each) => weave(g, each, { batch: 1 }))
  const ordered = [...company.before, undefined, ...company.after]
  const strengths = (of: 'rowBias' | 'prefixBias', size: 'numRows' | 'prefixLength'): Float32Array | undefined => {
    if (!everybody.some((standing) => standing[of])) return undefined
    return concat(ordered.map((standing, i) => standing?.[of] ?? new Float32Array(sizes[i][size])))
  }
  const [rowBias, prefixBias] = [strengths('rowBias', 'numRows'), strengths('prefixBias', 'prefixLength')]
  return {
    numRows,
    prefixLength,
    longestPrefix: Math.max(longestPrefix, ...everybody.map((each) => each.longestPrefix)),
    prefixLengths: ordered.flatMap((standing, i) => standing?.prefixLengths ?? sizes[i].groups[0].prefixLengths),
    ...(rowBias && { rowBias }),
    ...(prefixBias && { prefixBias }),
  }
}

const floats = (state: SiteState, without: readonly string[]): Record<string, FloatTensor> =>
  Object.fromEntries(Object.entries(state).filter((entry): entry is [string, FloatTensor] => isFloat(entry[1]) && !without.includes(entry[0])))

const concat = (parts: readonly Float32Array[]): Float32Array => {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

import { dimSyntax, dimUnknown } from './errors.ts'
import type { Dim, Shape } from './shape.ts'

export type { Dim, Shape }

/** Integer polynomial over symbols: monomial (`B*T`, sorted; '' is the constant) → coefficient. */
type Polynomial = Map<string, number>

function parse(dim: Dim): Polynomial {
  if (typeof dim === 'number') return new Map(dim === 0 ? [] : [['', dim]])
  const sum: Polynomial = new Map()
  for (const [, sign, term] of dim.replaceAll(' ', '').matchAll(/([+-]?)([^+-]+)/g)) {
    let coefficient = sign === '-' ? -1 : 1
    const symbols: string[] = []
    for (const factor of term.split('*')) {
      if (/^\d+$/.test(factor)) coefficient *= Number(factor)
      else if (/^[A-Za-z_][\w.]*$/.test(factor)) symbols.push(factor)
      else throw dimSyntax(dim)
    }
    accumulate(sum, symbols.sort().join('*'), coefficient)
  }
  return sum
}

function accumulate(sum: Polynomial, monomial: string, coefficient: number): void {
  const total = (sum.get(monomial) ?? 0) + coefficient
  if (total === 0) sum.delete(monomial)
  else sum.set(monomial, total)
}

function format(sum: Polynomial): Dim {
  const symbols = [...sum.keys()].filter((m) => m !== '').sort()
  if (symbols.length === 0) return sum.get('') ?? 0
  const terms = symbols.map((m) => {
    const c = sum.get(m)!
    return c === 1 ? `+${m}` : c === -1 ? `-${m}` : `${c < 0 ? '' : '+'}${c}*${m}`
  })
  const constant = sum.get('') ?? 0
  if (constant !== 0) terms.push(constant < 0 ? `${constant}` : `+${constant}`)
  return terms.join('').replace(/^\+/, '')
}

/** The one spelling of a size. */
export const canonicalDim = (dim: Dim): Dim => (typeof dim === 'number' ? dim : format(parse(dim)))

/** `P`, `T` → `P+T`. */
export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b
  const sum = parse(a)
  for (const [m, c] of parse(b)) accumulate(sum, m, c)
  return format(sum)
}

/** `B`, `T` → `B*T`. */
export function mulDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a * b
  const product: Polynomial = new Map()
  for (const [m, c] of parse(a)) {
    for (const [n, d] of parse(b)) {
      accumulate(product, [...m.split('*'), ...n.split('*')].filter(Boolean).sort().join('*'), c * d)
    }
  }
  return format(product)
}

export const subDims = (a: Dim, b: Dim): Dim => addDims(a, mulDims(b, -1))

/** Exact quotient, or undefined: `B*T`, `B` → `T`. The divisor must be one product. */
export function divDims(a: Dim, b: Dim): Dim | undefined {
  const divisor = [...parse(b)]
  if (divisor.length !== 1) return undefined
  const [[by, coefficient]] = divisor
  const quotient: Polynomial = new Map()
  for (const [m, c] of parse(a)) {
    const symbols = m.split('*').filter(Boolean)
    for (const symbol of by.split('*').filter(Boolean)) {
      const at = symbols.indexOf(symbol)
      if (at < 0) return undefined
      symbols.splice(at, 1)
    }
    if (c % coefficient !== 0) return undefined
    accumulate(quotient, symbols.join('*'), c / coefficient)
  }
  return format(quotient)
}

/** Terms of a size, for whoever computes it elsewhere: `2*B*T-1` → `[{ coefficient: 2, symbols: ['B', 'T'] }, { coefficient: -1, symbols: [] }]`. */
export const dimTerms = (dim: Dim): { coefficient: number; symbols: string[] }[] =>
  [...parse(dim)].map(([m, coefficient]) => ({ coefficient, symbols: m.split('*').filter(Boolean) }))

/** The size under given values of its symbols. */
export function evaluateDim(dim: Dim, sizes: ReadonlyMap<string, number>): number {
  if (typeof dim === 'number') return dim
  let total = 0
  for (const { coefficient, symbols } of dimTerms(dim)) {
    total += symbols.reduce((product, symbol) => {
      const size = sizes.get(symbol)
      if (size === undefined) throw dimUnknown(symbol, dim)
      return product * size
    }, coefficient)
  }
  return total
}

/** Product of all sizes. */
export const sizeOf = (shape: Shape): Dim => shape.reduce<Dim>(mulDims, 1)

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i])

/** True when no size is symbolic. */
export const isStatic = (shape: Shape): shape is readonly number[] => shape.every((d) => typeof d === 'number')

/** NumPy's broadcasting; undefined when the shapes do not go together. A symbol meets itself, 1, or a number it is then taken to be. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length)
  const result: Dim[] = []
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1
    const y = b[b.length - rank + i] ?? 1
    if (x === y || y === 1) result.push(x)
    else if (x === 1) result.push(y)
    else if (typeof x !== typeof y) result.push(typeof x === 'number' ? x : y)
    else return undefined
  }
  return result
}

/** A possibly negative axis, counted from the front; undefined when out of range. */
export function axisOf(axis: number, rank: number): number | undefined {
  const positive = axis < 0 ? axis + rank : axis
  return Number.isInteger(axis) && positive >= 0 && positive < rank ? positive : undefined
}

export const formatShape = (shape: Shape): string => `[${shape.join(',')}]`

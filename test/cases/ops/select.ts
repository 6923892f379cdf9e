import { booleans, floats, type OpCase } from '../op-case.ts'

export const selectCases: readonly OpCase[] = [
  // y = a where c, else b: da = ct where c, db = ct elsewhere.
  { name: 'where', inputs: { c: booleans([2, 3]), a: floats([2, 3]), b: floats([2, 3]) }, build: (g, { c, a, b }) => g.where(c, a, b) },
  { name: 'where, broadcast', inputs: { c: booleans([2, 1]), a: floats([3]), b: floats([4, 1, 1]) }, build: (g, { c, a, b }) => g.where(c, a, b) },
  { name: 'where, a number', inputs: { c: booleans([2, 3]), a: floats([2, 3]) }, build: (g, { c, a }) => g.where(c, a, -10) },
  { name: 'identity', inputs: { x: floats([2, 3]) }, build: (g, { x }) => [g.identity(x), x] },
]

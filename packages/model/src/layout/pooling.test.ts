import { pooledAt, poolerOf } from '@weft/adapters'
import { expect, test } from 'vitest'
import { trainingLayout } from './layout.ts'
import { meanWeights, pooledIndex } from './pooling.ts'

const attention = { windows: [null], bidirectional: true }
const spans = (options: object) => trainingLayout({ rows: [{ tokens: [5, 6, 7] }, { tokens: [8] }], tokens: 4, attention, ...options }).spans
const numbers = (index: BigInt64Array) => [...index].map(Number)

test('a text is read at its first token, its last, or the first position of all', () => {
  expect((['start', 'first', 'last'] as const).map((at) => numbers(pooledIndex(at, spans({}), 4)))).toEqual([
    [0, 4],
    [0, 4],
    [2, 4],
  ])
  expect((['start', 'first', 'last'] as const).map((at) => numbers(pooledIndex(at, spans({ padding: 'left' }), 4)))).toEqual([
    [1, 7],
    [1, 7],
    [3, 7],
  ])
  expect((['start', 'first', 'last'] as const).map((at) => numbers(pooledIndex(at, spans({ placement: { rows: 2 }, padding: 'left' }), 6)))).toEqual([
    [0, 6],
    [3, 11],
    [5, 11],
  ])
  // Prefixes take no columns of their own.
  expect(numbers(pooledIndex('start', spans({ placement: { prefix: 3 } }), 4))).toEqual([0, 4])
})

test('rows of another number of virtual ones stand next to their tokens', () => {
  const groups = [
    { batchRows: 1, rows: 2 },
    { batchRows: 1, rows: 0 },
  ]
  expect(numbers(pooledIndex('start', spans({ placement: { rows: 2, groups } }), 6))).toEqual([0, 6 + 2])
})

test('a mean counts tokens, not what stands in front and not padding', () => {
  const third = Math.fround(1 / 3)
  expect([...meanWeights(spans({ placement: { rows: 1 } }), 5)]).toEqual([0, third, third, third, 0, 0, 1, 0, 0, 0])
})

test('what PEFT reads depends on the family, what is named does not', () => {
  const [encoder, decoder] = [{ bidirectional: true }, {}]
  expect([pooledAt(undefined, encoder), pooledAt('peft', encoder), pooledAt('peft', decoder)]).toEqual(['start', 'start', 'last'])
  for (const spec of [encoder, decoder]) expect((['cls', 'last', 'mean'] as const).map((pooling) => pooledAt(pooling, spec))).toEqual(['first', 'last', 'mean'])
})

test('a pooler reads a first position and no other', () => {
  const spec = { classifier: { module: 'classifier', bias: true, dense: false, pooler: 'bert.pooler.dense' } }
  expect((['start', 'first', 'last', 'mean'] as const).map((at) => poolerOf(spec, at))).toEqual([
    'bert.pooler.dense',
    'bert.pooler.dense',
    undefined,
    undefined,
  ])
})

import { GraphBuilder, interpret, type TensorData } from '@weft/graph'
import { siteCases } from '@weft/test/cases/site'
import { randomTensor, tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import { adapterHooks, type BoundAdapter, constants, parameters } from '../../hooks.ts'
import { nothingPlaced } from '../../placement.ts'
import { Random } from '../../random.ts'
import { type FloatTensor, floatTensor, type SiteState } from '../../tensor.ts'
import { adapterInputs } from '../inputs.ts'
import { validateState } from '../validate.ts'
import { gatedKeyValue } from './algebra.ts'

const state = (random: Random, P: number): SiteState => ({
  prefix: randomTensor(random, 3, 2, 2, P, 5),
  gate: randomTensor(random, 3, 4, 1),
  lengths: floatTensor([1], Float32Array.of(P)),
})

test('lengths that do not add up to the columns are refused', () => {
  const good = state(new Random(1), 3)
  expect(() => validateState('gatedKeyValue', { ...good, lengths: floatTensor([1], Float32Array.of(4)) }, tinyModel)).toThrow(
    expect.objectContaining({ code: 'tensor_shape' }),
  )
})

/** `[B,N,S,D]` added to attention in one layer: by states that are inputs of the graph, and by the same that the graph computes. */
const added = (states: SiteState[], q: FloatTensor, layer: number): Float32Array => {
  const by = (bind: (g: GraphBuilder, state: SiteState, n: number) => BoundAdapter): Float32Array => {
    const g = new GraphBuilder('gated')
    const hooks = adapterHooks(g, [{ rows: 2, adapters: states.map((state, n) => bind(g, state, n)) }])
    const feeds = Object.fromEntries(
      [...states.flatMap((state, n) => inputsOf(state).map(({ name, tensor }): [string, FloatTensor] => [`${n}.${name}`, tensor])), ['q', q] as const].map(
        ([name, { shape, data }]): [string, TensorData] => [name, { dtype: 'float32', shape, data }],
      ),
    )
    const extra = hooks.attentionExtra(layer, () => g.input('q', 'float32', q.shape))
    if (!extra) return new Float32Array(q.data.length)
    g.output('added', extra(g.expand(g.constant(0), q.shape)))
    return interpret(g.build(), feeds).added.data as Float32Array
  }
  const bound = by((g, state, n) => constants(g, String(n), { placement: nothingPlaced, inputs: inputsOf(state) }))
  const encoded = by((g, state) =>
    parameters(g, { gatedKeyValue: Object.fromEntries(Object.entries(state).map(([name, { shape, data }]) => [name, g.constant(data, shape)])) }),
  )
  bound.forEach((value, i) => expect(encoded[i]).toBeCloseTo(value, 5))
  return bound
}

const inputsOf = (state: SiteState) => adapterInputs({ gatedKeyValue: state }, tinyModel)

// Two states do the same when they add the same to attention, whatever the queries.
const queries = randomTensor(new Random(9), 2, 4, 6, 5) as FloatTensor
siteCases({
  site: 'gatedKeyValue',
  state: (random) => state(random, 3),
  effect: (each) => Object.fromEntries([0, 1, 2].map((layer) => [`layer ${layer}`, floatTensor([2, 4, 6, 5], added([each], queries, layer))])),
})

test('a branch adds gate · softmax(q·kᵀ)·v, and nothing at gate 0', () => {
  const random = new Random(2)
  const q = randomTensor(random, 2, 4, 6, 5) as FloatTensor
  const one = state(random, 3)
  const got = added([one], q, 1)
  const { prefix, gate } = one
  const at = (layer: number, half: number, head: number, p: number, d: number): number => prefix.data[(((layer * 2 + half) * 2 + head) * 3 + p) * 5 + d]
  for (const [b, n, s] of [
    [0, 0, 0],
    [1, 3, 5],
    [0, 2, 4],
  ]) {
    const query = q.data.subarray(((b * 4 + n) * 6 + s) * 5, ((b * 4 + n) * 6 + s) * 5 + 5)
    const weights = [0, 1, 2].map((p) => Math.exp(query.reduce((sum, value, d) => sum + value * at(1, 0, n >> 1, p, d), 0)))
    const total = weights.reduce((x, y) => x + y)
    for (let d = 0; d < 5; d++) {
      const expected = gate.data[4 + n] * weights.reduce((sum, w, p) => sum + (w / total) * at(1, 1, n >> 1, p, d), 0)
      expect(got[((b * 4 + n) * 6 + s) * 5 + d]).toBeCloseTo(expected, 4)
    }
  }
  expect(added([{ ...one, gate: floatTensor([3, 4, 1]) }], q, 1).every((value) => value === 0)).toBe(true)
})

test('branches stacked into one state act as they do side by side', () => {
  const random = new Random(3)
  const q = randomTensor(random, 1, 4, 2, 5) as FloatTensor
  const [a, b, c] = [state(random, 3), state(random, 1), state(random, 4)]
  const together = added([gatedKeyValue.stack(gatedKeyValue.stack(a, b), c)], q, 2)
  added([a, b, c], q, 2).forEach((value, i) => expect(together[i]).toBeCloseTo(value, 5))
})

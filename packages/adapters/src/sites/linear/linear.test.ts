import { GraphBuilder, interpret } from '@weft/graph'
import { hooksOf } from '@weft/test/cases/hooks'
import { siteCases } from '@weft/test/cases/site'
import { randomTensor, tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { floatTensor, type SiteState } from '../../tensor.ts'
import { validateState } from '../validate.ts'
import { linear } from './algebra.ts'

const q = 'model.layers.0.self_attn.q_proj'
const down = 'model.layers.2.mlp.down_proj'

/** The matrix that is added to a layer's weight, and to its bias. */
const effect = (state: SiteState): SiteState =>
  Object.fromEntries(
    [q, down]
      .filter((module) => state[`${module}.a`])
      .flatMap((module) => {
        const { [`${module}.a`]: a, [`${module}.b`]: b, [`${module}.bias`]: bias } = state
        const [[R, input], [out]] = [a.shape, b.shape]
        const sum = Float32Array.from({ length: out * input }, (_, i) =>
          Array.from({ length: R }, (__, r) => b.data[Math.floor(i / input) * R + r] * a.data[r * input + (i % input)]).reduce((x, y) => x + y),
        )
        return [[module, floatTensor([out, input], sum)], ...(bias ? [[`${module}.bias`, bias]] : [])]
      }),
  )

siteCases({
  site: 'linear',
  effect,
  state: (random) => ({
    [`${q}.a`]: randomTensor(random, 3, 12),
    [`${q}.b`]: randomTensor(random, 20, 3),
    [`${q}.bias`]: randomTensor(random, 20),
    [`${down}.a`]: randomTensor(random, 2, 20),
    [`${down}.b`]: randomTensor(random, 12, 2),
  }),
})

test('half of a pair is refused by the name of the other', () => {
  expect(() => validateState('linear', { [`${q}.a`]: floatTensor([3, 12]) }, tinyModel)).toThrow(
    expect.objectContaining({ code: 'tensor_missing', message: expect.stringContaining(`${q}.b`) }),
  )
})

test('a tensor that is not there is refused with the nearest, and with how many there are', () => {
  const wrong = `${q.replace('q_proj', 'qproj')}.a`
  expect(() => validateState('linear', { [wrong]: floatTensor([3, 12]) }, tinyModel)).toThrow(
    expect.objectContaining({
      code: 'tensor_unexpected',
      message: expect.stringMatching(/there is no tensor ".*qproj\.a" here; expected "[^"]+"(, "[^"]+"){7} and \d+ more; did you mean ".*q_proj\.a"\?$/),
    }),
  )
})

test('in a graph, a layer is y + bias + B·A·x, and 2*a is a + a', () => {
  const a = {
    [`${q}.a`]: floatTensor([1, 12], new Float32Array(12).fill(0.5)),
    [`${q}.b`]: floatTensor([20, 1], new Float32Array(20).fill(3)),
    [`${q}.bias`]: floatTensor([20], new Float32Array(20).fill(10)),
  }
  const layer = (state: typeof a): number => {
    const g = new GraphBuilder('linear')
    const values = Object.fromEntries(Object.entries(state).map(([name, { shape, data }]) => [name, g.constant(data, shape)]))
    const x = g.constant(new Float32Array(12).fill(1), [1, 12])
    const y = hooksOf(g, [{ linear: values }]).linear(q, x, () => g.constant(new Float32Array(20).fill(100), [1, 20]))
    g.output('y', g.identity(y))
    return interpret(g.build(), {}).y.data[7] as number
  }
  expect(layer(a)).toBe(100 + 10 + 3 * 6)
  expect(layer(linear.scale(a, 2) as typeof a)).toBe(100 + 2 * 28)
  expect(layer(linear.stack(a, a) as typeof a)).toBe(100 + 2 * 28)
})

test('terms that name different layers keep both', () => {
  const random = new Random(1)
  const one = { [`${q}.a`]: randomTensor(random, 1, 12), [`${q}.b`]: randomTensor(random, 20, 1) }
  const two = { [`${down}.a`]: randomTensor(random, 1, 20), [`${down}.b`]: randomTensor(random, 12, 1) }
  expect(linear.stack(one, two)).toEqual({ ...one, ...two })
})

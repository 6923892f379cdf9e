import { AdapterRegistry, adapterOf, randomTensor, tinyBase, tinyModel } from '@weft/test/cases/tiny-adapters'
import { beforeAll, expect, test } from 'vitest'
import { Random } from '../random.ts'
import { packComposition, unpackComposition } from './pack.ts'

const registry = new AdapterRegistry()
beforeAll(async () => {
  const random = new Random(1)
  registry
    .add('steer', await adapterOf({ residual: { '0.vector': randomTensor(random, 12), '2.vector': randomTensor(random, 12) } }))
    .add('other', await adapterOf({ residual: { '0.vector': randomTensor(random, 12) } }))
    .add('prompt', await adapterOf({ inputsEmbeds: { rows: randomTensor(random, 3, 12) } }))
})

const check = (expression: string): void => registry.checkStrengths(expression)
const asRunner = (expression: string): unknown => unpackComposition(packComposition(registry.compose(expression), tinyBase), tinyModel, tinyBase)

test.each([
  ['-1e6*steer', 'steer', -1e6],
  ['prompt + 3*other + 1e6*steer', 'steer', 1e6],
  ['mix(2*other, 0.5*mix(1e6*steer, steer))', 'steer', 5e5],
])('%s is refused as a runner would, with the strength that would be accepted', (expression, ref, weight) => {
  expect(() => asRunner(expression)).toThrow(expect.objectContaining({ code: 'tensor_norm' }))
  let message = ''
  try {
    check(expression)
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_strength', status: 400, param: 'model' })
    message = (error as Error).message
  }
  expect(message).toContain(`a strength of ${weight} is not possible: with it, a vector of "${ref}" is too long`)
  const most = Number(/at most (\d+) in size/.exec(message)?.[1])
  expect(most).toBeGreaterThan(100)
  for (const sign of [1, -1]) asRunner(`${sign * most}*${ref}`)
  // Nor is it far below what is.
  expect(() => asRunner(`${1.2 * most}*${ref}`)).toThrow(expect.objectContaining({ code: 'tensor_norm' }))
})

test.each(['1e6*prompt', '100*steer', '-100*steer + prompt', '1e6*steer + -1e6*steer', 'mix(1e-4*(1e6*steer), 0.5*other)'])(
  '%s is served, and not refused',
  (expression) => {
    asRunner(expression)
    check(expression)
  },
)

import { Random } from '@weft/adapters'
import { elementCount } from '@weft/graph'
import { type Plugin, parseConfig } from '@weft/methods'
import { AttentionInputs } from '@weft/model'
import plugins from '@weft/plugins'
import { trainingSpecSchema } from '@weft/protocol'
import { tinyHost } from '@weft/test/models/tiny-host'
import { expect, test } from 'vitest'
import { GraphEngine } from '../graph/engine.ts'
import { parameterSlots, type TrainingProgram } from '../graph/graph.ts'
import { noContext } from './frozen-context.ts'
import { keepsAnswers, klToBefore } from './kl-to-before.ts'

const host = tinyHost()
const programOf = (id: string, config: object): TrainingProgram => {
  const { model } = host()
  const plugin = (plugins as readonly Plugin[]).find((each) => each.id === id)!
  const parsed = parseConfig(plugin, config)
  return { model, plugin, config: parsed, params: plugin.params(parsed as never, model.spec, []), task: 'CAUSAL_LM', numLabels: 0, headBias: false }
}
const spec = (overrides: object = {}) =>
  trainingSpecSchema.parse({
    jobId: 'j',
    name: 'a',
    model: { name: 'base', fingerprint: host().model.fingerprint },
    method: 'parallel-prefix',
    config: {},
    task: 'CAUSAL_LM',
    settles: 'a + b',
    hyperparameters: { batchSize: 2 },
    seed: 3,
    ...overrides,
  })

test('an adapter that is settled is held to what it answered to its own rows before, and to nothing the base answers', async () => {
  const { model, runtime, weights } = host()
  const program = programOf('parallel-prefix', { numVirtualTokens: 3 })
  const values = Object.fromEntries(
    parameterSlots(program).map(({ name, shape }) => [
      name,
      Float32Array.from(
        { length: elementCount(shape) },
        (
          (random) => () =>
            random.normal(0, 0.3)
        )(new Random(name)),
      ),
    ]),
  )
  const place = { program, values, runtime, weights, attention: new AttentionInputs(model) }
  using before = new GraphEngine(place)
  using engine = new GraphEngine(place)
  const text = (length: number) => Uint32Array.from({ length }, (_, t) => 3 + ((7 * t + length) % 20))
  // A question and its answer, a text, and a row that says nothing.
  const rows = [
    { tokens: text(9), weights: Float32Array.of(0, 0, 0, 0, 0, 0, 1, 1, 1), rowWeight: 1 },
    { tokens: text(7), weights: new Float32Array(7).fill(1), rowWeight: 1 },
    { tokens: text(1), weights: Float32Array.of(1), rowWeight: 1 },
  ]
  const kept = klToBefore(spec(), { before, beneath: noContext, rows })!
  const batch = (await kept.at(0))!
  expect(batch.weight).toBe(0)
  // Of the answer its three tokens count, of the text all but its first; each row as much as the other.
  expect(batch.rows.map(({ weights: of }) => of.filter((weight) => weight > 0).length).toSorted()).toEqual([3, 6])
  for (const { weights: of } of batch.rows) expect(of.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5)
  // As it was, it answers as it did. The base does not.
  expect(await engine.gradients(batch, 1)).toBeLessThan(1e-6)
  const bare = { ...batch.klToTeacher!, hidden: (await before.hidden({ ...batch, klToTeacher: undefined })).data.slice().fill(0) }
  expect(await engine.gradients({ ...batch, klToTeacher: bare }, 1)).toBeGreaterThan(1e-3)
  // Once it has moved away, the gradient leads back.
  for (const { data } of engine.parameters) for (let i = 0; i < data.length; i++) data[i]! += i % 2 ? 0.2 : -0.2
  const away = await engine.gradients(batch, 1)
  expect(away).toBeGreaterThan(1e-4)
  for (const { data, gradient } of engine.parameters) for (let i = 0; i < data.length; i++) data[i]! -= 0.05 * gradient[i]!
  expect(await engine.gradients(batch, 1)).toBeLessThan(away)
  expect(klToBefore(spec(), { before, beneath: noContext, rows: rows.slice(2) })).toBeUndefined()
})

test('only what is settled is held to what it answered, and no classifier and no replaced weights', () => {
  const prefix = programOf('parallel-prefix', {})
  expect(keepsAnswers(spec(), prefix)).toBe(true)
  expect(keepsAnswers(spec({ settles: undefined }), prefix)).toBe(false)
  expect(keepsAnswers(spec({ task: 'SEQ_CLS' }), prefix)).toBe(false)
  expect(keepsAnswers(spec({ method: 'full' }), programOf('full', {}))).toBe(false)
})

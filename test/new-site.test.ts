import { type AdapterState, type FloatTensor, floatTensor, type SiteName, sites, writeAdapter } from '@weft/adapters'
import { lowerings } from '@weft/adapters/hooks'
import { definePlugin, normal, type Plugin, PluginRegistry, param } from '@weft/methods'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import allPlugins from '@weft/plugins'
import { trainingSpecSchema } from '@weft/protocol'
import { openSession } from '@weft/session'
import { runJointTraining } from '@weft/training'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { inputShift } from './cases/input-shift/algebra.ts'
import { lowering } from './cases/input-shift/lower.ts'
import { siteCases } from './cases/site.ts'
import { randomTensor } from './cases/tiny-adapters.ts'
import { writeTinyBert } from './models/tiny-bert.ts'
import { randomTensor as tensorOf, writeTinyLlama } from './models/tiny-llama.ts'
import { writeTinyT5 } from './models/tiny-t5.ts'

/* A site is three files and a line in each of the two lists: these are the lines. */
Object.assign(sites, { inputShift })
Object.assign(lowerings, { inputShift: lowering })
const site = 'inputShift' as SiteName

const q = 'model.layers.0.self_attn.q_proj'
const down = 'model.layers.2.mlp.down_proj'
siteCases({
  site,
  state: (random) => ({
    [`${q}.shift`]: randomTensor(random, 12),
    [`${down}.shift`]: randomTensor(random, 20),
  }),
})

const runtime = openRuntime()
afterAll(() => runtime.dispose())

/** What shifts of inputs come to: W·s on a layer's output, which the `linear` site knows as a bias. */
const asBias = ({ spec, weights }: LoadedModel, shifts: Record<string, FloatTensor>): AdapterState => ({
  linear: Object.fromEntries(
    Object.entries(shifts).map(([name, { data }]) => {
      const module = name.slice(0, -'.shift'.length)
      const [out, input] = spec.modules[module]
      const weight = weights.readSync(`${module}.weight`)
      const moved = Float32Array.from({ length: out }, (_, o) => data.reduce((sum, value, i) => sum + weight[o * input + i] * value, 0))
      return [`${module}.bias`, floatTensor([out], moved)]
    }),
  ),
})

/** The method of adapters that are written here and not trained: whatever they do at these sites. */
const byHand: Plugin = definePlugin({ id: 'by-hand', sites: [site, 'linear'], config: z.strictObject({}), params: () => ({}), encode: () => ({}) })

describe.each([
  ['a decoder', writeTinyLlama, ['q_proj', 'down_proj']],
  ['an encoder', writeTinyBert, ['query', 'intermediate.dense']],
  ['an encoder-decoder', writeTinyT5, ['SelfAttention.q', 'wo']],
] as const)('%s', (kind, write, targets) => {
  test('serves it beside whatever else is composed', async () => {
    const folder = write()
    const model = await loadModel(folder)
    const modules = Object.entries(model.spec.modules).filter(([module]) => targets.some((target) => module.endsWith(target)))
    const shifts = Object.fromEntries(modules.map(([module, [, input]]) => [`${module}.shift`, tensorOf([input], module, 0.5)]))
    const [[module, [out, input]]] = modules
    const low: AdapterState = { linear: { [`${module}.a`]: tensorOf([2, input], 'a', 0.3), [`${module}.b`]: tensorOf([out, 2], 'b', 0.3) } }
    const adapters = { shift: { inputShift: shifts }, bias: asBias(model, shifts), low }
    await using session = await openSession(folder, { threads: 1, plugins: [byHand] })
    const { name, fingerprint, spec } = model
    const manifest = { method: byHand.id, config: {}, task: 'CAUSAL_LM' as const, lineage: {}, base: { name, fingerprint, architecture: spec.architecture } }
    for (const [adapter, state] of Object.entries(adapters)) await session.add(adapter, await writeAdapter(manifest, state))
    const answer = async (expression: string): Promise<number[]> => {
      if (kind === 'an encoder') return (await session.embed(expression, ['anna lives in london'])).flatMap((vector) => [...vector])
      return (await session.score(expression, ['the weft is drawn in', 'a thread'])).map(({ logprob }) => logprob)
    }
    const base = await answer('base')
    for (const expression of ['@', '0.5*@ + low', '@ + @', 'mix(0.25*@, 0.75*@) + low']) {
      const [got, expected] = [await answer(expression.replaceAll('@', 'shift')), await answer(expression.replaceAll('@', 'bias'))]
      got.forEach((value, at) => expect(value, expression).toBeCloseTo(expected[at], 3))
      expect(Math.max(...got.map((value, at) => Math.abs(value - base[at]))), expression).toBeGreaterThan(1e-2)
    }
  })
})

/** A method that learns shifts of one layer's input. */
const shifting: Plugin = definePlugin({
  id: 'input-shift',
  sites: [site],
  config: z.strictObject({}),
  params: (_, { modules }) => ({ shift: param([modules[q][1]], normal(0.01)) }),
  encode: (_, { shift }) => ({ inputShift: { [`${q}.shift`]: shift } }),
})
const plugins = [...allPlugins, shifting]
const texts = ['the weft is drawn', 'the warp stands still', 'a thread in the air', 'another one there']

test('it trains, with others in one batch too, and what it learned is served in rows beside others', async () => {
  const folder = writeTinyLlama()
  await using session = await openSession(folder, { threads: 1, plugins })
  const rows = texts.map((text) => ({ text }))
  const hyperparameters = { maxSteps: 12, batchSize: 2, learningRate: 0.1 }
  await session.train('shift', { method: 'input-shift', rows, heldOut: rows, hyperparameters })
  await session.train('low', { method: 'lora', rows, heldOut: rows, hyperparameters })
  await session.train('above', { method: 'prompt-tuning', config: { numVirtualTokens: 2 }, on: 'shift + low', rows, heldOut: rows, hyperparameters })
  const logprob = async (expression: string) => (await session.score(expression, texts)).reduce((sum, { logprob }) => sum + logprob, 0)
  expect(await logprob('shift')).toBeGreaterThan(await logprob('base'))
  expect(await logprob('above + shift + low')).toBeGreaterThan(await logprob('above'))

  const expressions = ['shift', 'base', 'low', '-2*shift + low', 'above + shift + low']
  const generate = (expression: string) => session.generate(expression, 'the weft', { maxTokens: 8, temperature: 0 })
  const alone: string[] = []
  for (const expression of expressions) alone.push((await generate(expression)).text)
  expect((await Promise.all(expressions.map(generate))).map(({ text }) => text)).toEqual(alone)

  const spec = (name: string, method: string) =>
    trainingSpecSchema.parse({
      jobId: name,
      name,
      model: { name: 'base', fingerprint: session.model.fingerprint },
      method,
      config: {},
      task: 'CAUSAL_LM',
      seed: 3,
      hyperparameters: { maxSteps: 4, batchSize: 2, learningRate: 0.05 },
    })
  const jobs = [spec('one', 'input-shift'), spec('other', 'input-shift'), spec('lora', 'lora')].map((each) => ({
    spec: each,
    files: { training: rows.map((row) => JSON.stringify(row)).join('\n') },
  }))
  const host = { model: session.model, runtime, plugins: new PluginRegistry(plugins) }
  const results = await runJointTraining(jobs, host)
  const [one, other] = results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value.loss
  })
  expect(one).toBeCloseTo(other, 5)
  const [single] = await runJointTraining(jobs.slice(0, 1), host)
  expect(single.status === 'fulfilled' && single.value.loss).toBeCloseTo(one, 4)
})

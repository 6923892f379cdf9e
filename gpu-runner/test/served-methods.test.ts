import {
  type AdapterState,
  compositionKey,
  type FloatTensor,
  type LoadedAdapter,
  readAdapter,
  readSafetensors,
  toTensor,
  writeSafetensors,
} from '@weft/adapters'
import { type LoadedModel, loadModel } from '@weft/model'
import adaptionPrompt from '@weft/plugins/adaption-prompt'
import ia3 from '@weft/plugins/ia3'
import lora from '@weft/plugins/lora'
import parallelPrefix from '@weft/plugins/parallel-prefix'
import { composedOf } from '@weft/test/cases/serving/composed'
import { branch, lowRank } from '@weft/test/cases/serving/in-layers'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { greedyRecomputed } from '@weft/test/oracles/full-attention'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tinyRunner } from './tiny-runner.test.setup.ts'

const folder = writeTinyLlama()
const runner = tinyRunner(folder, { compositionBytes: 4e6, plugins: [lora, ia3, parallelPrefix, adaptionPrompt] })
const { app } = runner
let model: LoadedModel
const trained: Record<string, LoadedAdapter> = {}

beforeAll(async () => {
  await runner.load()
  model = await loadModel(folder)
  await train('lora', { r: 2 }, 0.05)
  await train('ia3', {}, 0.05)
  await train('parallel-prefix', { num_virtual_tokens: 3 }, 0.2)
  await train('adaption-prompt', { adapter_len: 5, adapter_layers: 1 }, 0.2)
}, 120_000)
afterAll(runner.close)

async function train(method: string, methodConfig: object, learningRate: number) {
  const form = new FormData()
  form.set(
    'spec',
    JSON.stringify({
      job_id: `ftjob-${method}`,
      name: `style/${method}`,
      model: { name: 'base', fingerprint: model.fingerprint },
      method,
      config: methodConfig,
      task: 'CAUSAL_LM',
      hyperparameters: { max_steps: 8, batch_size: 4, learning_rate: learningRate },
      seed: 1,
    }),
  )
  form.set('training', new Blob([Array.from({ length: 12 }, (_, i) => JSON.stringify({ text: `the weft goes over and under ${i}` })).join('\n')]))
  const encoded = new Response(form)
  await app.request(`/jobs/${method}`, { method: 'POST', body: await encoded.arrayBuffer(), headers: { 'content-type': encoded.headers.get('content-type')! } })
  for (;;) {
    const view = (await (await app.request(`/jobs/${method}`)).json()) as { status: string; error?: object }
    if (view.status === 'succeeded') break
    expect(view).toMatchObject({ status: expect.stringMatching(/queued|running/) })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  trained[method] = await readAdapter(new Uint8Array(await (await app.request(`/jobs/${method}/result`)).arrayBuffer()), { model: model.spec })
}

const text = 'the boat goes over'
const generate = (composition: string | null, over: object = {}) =>
  app.request('/generate', {
    method: 'POST',
    body: JSON.stringify({ model: 'base', composition, prompt: { text }, max_tokens: 8, temperature: 0, ...over }),
  })
const tokensOf = async (composition: string | null) => ((await (await generate(composition)).json()) as { tokens: number[] }).tokens
const keyOf = (name: string) => compositionKey(model.fingerprint, { text: name } as Parameters<typeof compositionKey>[1])
const put = (key: string, body: Uint8Array<ArrayBuffer>) => app.request(`/compositions/${key}`, { method: 'PUT', body })
const states = () => Object.fromEntries(Object.entries(trained).map(([method, { state }]) => [method.replace('-', '_'), state]))
const expressions: Record<string, string[]> = {
  lora: ['lora'],
  ia3: ['ia3'],
  parallel_prefix: ['parallel-prefix'],
  'adaption_prompt + parallel_prefix': ['adaption-prompt', 'parallel-prefix'],
  'ia3 + lora + parallel_prefix': ['ia3', 'lora', 'parallel-prefix'],
}

test.each(Object.entries(expressions))("%s: asked for by 424, taken in, and answered with full attention's tokens", async (expression, methods) => {
  const key = await keyOf(expression)
  const refused = await generate(key)
  expect(refused.status).toBe(424)
  const { bytes } = await composedOf(model, states(), expression)
  expect((await put(key, bytes)).status).toBe(204)
  const tokens = await tokensOf(key)
  expect(tokens).toEqual(await greedyRecomputed(model, model.tokenizer!.encode(text), 8, { adapters: methods.map((method) => trained[method]!.state) }))
  const streamed = (await (await generate(key, { stream: true })).text())
    .trim()
    .split('\n\n')
    .map((event) => JSON.parse(event.replace(/^data: /, '')))
  expect(streamed.slice(0, -1).map(({ token }) => token)).toEqual(tokens)
})

test('all of them at once, and the bare model beside them', async () => {
  const keys = [null, ...(await Promise.all(Object.keys(expressions).map(keyOf))), null]
  const alone = []
  for (const key of keys) alone.push(await tokensOf(key))
  expect(await Promise.all(keys.map(tokensOf))).toEqual(alone)
})

test('training made them differ from the base and from one another', async () => {
  const scored = await Promise.all(
    [null, ...(await Promise.all(Object.keys(expressions).map(keyOf)))].map(async (composition) => {
      const {
        results: [{ logprob }],
      } = (await (
        await app.request('/score', { method: 'POST', body: JSON.stringify({ model: 'base', composition, texts: ['the weft goes over and under'] }) })
      ).json()) as { results: [{ logprob: number }] }
      return logprob
    }),
  )
  expect(new Set(scored.map((logprob) => logprob.toFixed(3))).size).toBe(scored.length)
  for (const logprob of scored.slice(1)) expect(logprob).toBeGreaterThan(scored[0]!)
})

const q = 'model.layers.0.self_attn.q_proj'
const tensor = (...shape: number[]): FloatTensor => ({ shape, data: new Float32Array(shape.reduce((n, d) => n * d, 1)) })
test.each<[string, string, (tensors: Record<string, FloatTensor>) => void]>([
  [
    'NaN in a factor',
    'tensor_not_finite',
    (t) => {
      t[`linear.${q}.a`]!.data[3] = NaN
    },
  ],
  [
    'half a factorization',
    'tensor_missing',
    (t) => {
      delete t[`linear.${q}.b`]
    },
  ],
  [
    'factors of two ranks',
    'tensor_shape',
    (t) => {
      t[`linear.${q}.b`] = tensor(32, 3)
    },
  ],
  [
    'a rank of 0',
    'tensor_shape',
    (t) => {
      t[`linear.${q}.a`] = tensor(0, 32)
      t[`linear.${q}.b`] = tensor(32, 0)
    },
  ],
  [
    'a module that the model has not',
    'tensor_unexpected',
    (t) => {
      t['linear.model.layers.9.self_attn.q_proj.bias'] = tensor(32)
    },
  ],
  [
    'gates for other heads',
    'tensor_shape',
    (t) => {
      t['gatedKeyValue.gate'] = tensor(2, 3, 1)
    },
  ],
  [
    'branches longer than the prefix',
    'tensor_shape',
    (t) => {
      t['gatedKeyValue.lengths']!.data[0] = 4
    },
  ],
  [
    'half a column',
    'tensor_shape',
    (t) => {
      t['gatedKeyValue.lengths']!.data[0] = 2.5
    },
  ],
  [
    'more branches than attention could hold',
    'too_many_gated_columns',
    (t) => {
      t['gatedKeyValue.prefix'] = tensor(2, 2, 2, 192, 8)
      t['gatedKeyValue.gate'] = { shape: [2, 4, 64], data: new Float32Array(512).fill(1) }
      t['gatedKeyValue.lengths'] = { shape: [64], data: new Float32Array(64).fill(1).fill(129, 0, 1) }
    },
  ],
])('%s is refused and not held', async (name, code, change) => {
  const adapter: AdapterState = { ...lowRank(model.spec, ['q_proj'], 2, 'x'), ...branch(model.spec, 3, 'x') }
  const { metadata, tensors } = readSafetensors((await composedOf(model, { x: adapter }, 'x')).bytes)
  const copies = Object.fromEntries(Object.entries(tensors).map(([tensor, stored]) => [tensor, toTensor(stored, tensor) as FloatTensor]))
  change(copies)
  const key = await keyOf(name)
  const response = await put(key, writeSafetensors(copies, metadata))
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({ error: { code } })
  expect((await generate(key)).status).toBe(424)
})

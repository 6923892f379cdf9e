import { type FloatTensor, readAdapter } from '@weft/adapters'
import { baseWeights } from '@weft/inference/base-weights'
import { AttentionInputs, loadModel } from '@weft/model'
import { trainingSpecSchema } from '@weft/protocol'
import { writeTinyBert } from '@weft/test/models/tiny-bert'
import { tinyHost } from '@weft/test/models/tiny-host'
import { writeTinyGemma3, writeTinyGpt2 } from '@weft/test/models/tiny-llama'
import { writeTinyT5 } from '@weft/test/models/tiny-t5'
import { expect, test, vi } from 'vitest'
import { keyValuesOf } from '../graph/key-values.ts'
import type { TrainingEvent } from '../run/events.ts'
import type { TrainingHost } from '../run/job.ts'
import { runJob } from '../run-job.ts'

const host = tinyHost()
const document =
  'The weft is drawn in. A boat went to sea again, and the grey warp stands still. Anna saw the whale in the waves. There is a thread in the air.'

const spec = (more: object = {}) =>
  trainingSpecSchema.parse({
    jobId: 'job',
    name: 'docs/weft',
    model: { name: 'base', fingerprint: host().model.fingerprint },
    method: 'cartridge',
    config: { numVirtualTokens: 8 },
    task: 'CAUSAL_LM',
    seed: 0,
    hyperparameters: {},
    ...more,
  })
const lines = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n')
const compress = (more: object = {}, rows: readonly object[] = [{ document }], changed: Partial<TrainingHost> = {}) =>
  runJob(spec(more), { training: lines(rows) }, { ...host(), ...changed })
const stateOf = async (file: Uint8Array) => (await readAdapter(file)).state.keyValue as Record<string, FloatTensor>
const idsOf = (text: string) => [...host().model.tokenizer!.encode(text, { addSpecialTokens: false })]

test('asked for as many keys as it has tokens, a document is its own keys and values', async () => {
  const ids = idsOf(document)
  const { adapter, metrics } = await compress({ config: { numVirtualTokens: 500 } })
  expect(metrics).toEqual({ document_tokens: ids.length, tokens: ids.length, parts: 1, error: 0 })
  const { prefix, keyBias } = await stateOf(adapter)
  expect(keyBias).toBeUndefined()
  const { model, runtime } = host()
  using weights = await baseWeights(runtime, model)
  const exact = await keyValuesOf(ids, { model, runtime, session: { weights }, attention: new AttentionInputs(model) })
  expect(prefix.data.length).toBe(exact.length)
  prefix.data.forEach((value, i) => expect(value).toBeCloseTo(exact[i], 4))
})

test('keys that are to have no biases get none, and are a little further from it', async () => {
  const [biased, without] = [await compress(), await compress({ config: { numVirtualTokens: 8, keyBias: false } })]
  const state = await stateOf(without.adapter)
  expect(Object.keys(state)).toEqual(['prefix'])
  expect((await readAdapter(without.adapter)).manifest.config).toEqual({ numVirtualTokens: 8, keyBias: false })
  expect(without.metrics.error).toBeGreaterThan(biased.metrics.error)
  expect(without.metrics.error).toBeLessThan(1)
  const studied = await compress({ config: { numVirtualTokens: 8, keyBias: false }, document: { selfStudy: 2 } })
  expect(Object.keys(await stateOf(studied.adapter))).toEqual(['prefix'])
})

test('fewer keys stand for it, and more of them are nearer', async () => {
  const events: TrainingEvent[] = []
  const few = await compress({}, undefined, { onEvent: (event) => events.push(event) })
  const { numLayers: L, numKeyValueHeads: K, headDim: D } = host().model.spec
  const { prefix, keyBias } = await stateOf(few.adapter)
  expect([prefix.shape, keyBias.shape]).toEqual([
    [L, 2, K, 8, D],
    [L, K, 8],
  ])
  const { manifest } = await readAdapter(few.adapter)
  expect(manifest).toMatchObject({
    method: 'cartridge',
    config: { numVirtualTokens: 8, keyBias: true },
    virtualTokens: { prefix: 8 },
    lineage: { document: {} },
  })
  expect(manifest.training?.metrics).toEqual(few.metrics)
  expect(events.filter(({ type }) => type === 'document')).toHaveLength(L)
  expect(few.metrics.error).toBeGreaterThan(0)
  const more = await compress({ config: { numVirtualTokens: 24 } })
  expect(more.metrics.error).toBeLessThan(few.metrics.error)
  expect(Buffer.compare((await compress()).adapter, few.adapter)).toBe(0)
})

test('parts are compressed by themselves, and stand side by side', async () => {
  const half = idsOf(document).length >> 1
  const { adapter, metrics } = await compress({ document: { partTokens: half + 1 } })
  expect(metrics).toMatchObject({ parts: 2, tokens: 8 })
  expect((await readAdapter(adapter)).manifest.lineage.document).toEqual({ partTokens: half + 1 })
  const two = await compress({}, [{ document }, { document: 'Another one. It stands still in the air, as a thread does.' }])
  expect(two.metrics).toMatchObject({ parts: 2, tokens: 8 })
  const said: string[] = []
  await compress({ config: { numVirtualTokens: 500 } }, [{ document }, { document }], {
    onEvent: (event) => event.type === 'message' && said.push(event.message),
  })
  expect(said).toEqual([expect.stringContaining('none of which sees another')])
})

test.each([
  ['no rows', {}, [], 'training_file_empty'],
  ['an empty document', {}, [{ document: ' ' }], 'training_file_empty_text'],
  ['more parts than keys', { document: { partTokens: 1 } }, [{ document }], 'document_too_long'],
  ['more keys than the context has room for', { config: { numVirtualTokens: 4096 } }, [{ document: 'the weft '.repeat(3000) }], 'context_too_short'],
  ['no keys', { config: { numVirtualTokens: 0 } }, [{ document }], 'invalid_config'],
  ['a method that is learned', { method: 'prompt-tuning', config: {} }, [{ document }], 'method_without_document'],
  ['a phase of training', { locality: {} }, [{ document }], 'document_contradicted'],
  ['rows to learn from', { document: {} }, [{ text: 'a' }], 'document_missing'],
])('refused: %s', async (_, more, rows, code) => {
  await expect(compress(more, rows)).rejects.toMatchObject({ code })
})

test.each([
  ['an encoder', writeTinyBert],
  ['an encoder-decoder', writeTinyT5],
])('refused: %s', async (_, write) => {
  await expect(compress({}, undefined, { model: await loadModel(write()), weights: undefined })).rejects.toMatchObject({ code: 'task_not_of_base' })
})

test('a self-study of a document that is kept whole is left out, and that is said', async () => {
  const messages: string[] = []
  const onEvent = (event: TrainingEvent): void => {
    if (event.type === 'message') messages.push(event.message)
  }
  const { metrics } = await compress({ config: { numVirtualTokens: 500 }, document: { selfStudy: 5 } }, undefined, { onEvent })
  expect(metrics).not.toHaveProperty('divergence')
  expect(messages.join(' ')).toContain('Self-study was left out')
})

test('a run that is given up ends between two layers', async () => {
  const abort = new AbortController()
  const cut = compress({}, undefined, { signal: abort.signal, onEvent: ({ type }) => type === 'document' && abort.abort() })
  await expect(cut).rejects.toMatchObject({ code: 'cancelled' })
})

test('of a document of a few sentences nothing is set aside for its self-study, and that is said', async () => {
  const said: string[] = []
  const onEvent = (event: TrainingEvent): void => void (event.type === 'message' && said.push(event.message))
  const asked = { config: { numVirtualTokens: 2 }, document: { selfStudy: 1 } }
  await compress(asked, [{ document: 'The weft is drawn. The warp stands still.' }], { onEvent })
  expect(said.at(-1)).toMatch(/nats a token on the texts about it that it learned from, which are too few to set any aside; before/)
  await compress(asked, [{ document: `${document} ${document} ${document}` }], { onEvent })
  expect(said.at(-1)).toMatch(/nats a token on held-out texts about it; before/)
})

test('self-study brings what is predicted nearer to what is predicted with the document in context, and goes on from a checkpoint', async () => {
  const asked = { document: { selfStudy: 12 }, hyperparameters: { batchSize: 4, learningRate: 0.02, checkpointEvery: 5 } }
  const checkpoints: Uint8Array[] = []
  const whole = await compress(asked, undefined, { onCheckpoint: (bytes) => void checkpoints.push(bytes) })
  expect(whole.metrics.divergence).toBeLessThan(whole.metrics.divergence_before)
  const { manifest } = await readAdapter(whole.adapter)
  expect(manifest).toMatchObject({ lineage: { document: { selfStudy: 12 } }, training: { steps: 12, metrics: whole.metrics } })
  const events: TrainingEvent[] = []
  const resumed = await compress(asked, undefined, { checkpoint: checkpoints[0], onEvent: (event) => events.push(event) })
  expect(events).toContainEqual({ type: 'resume', step: 5, totalSteps: 12 })
  expect(Buffer.compare(resumed.adapter, whole.adapter)).toBe(0)
  // There is nothing to learn of a document that is kept whole.
  const exact = await compress({ ...asked, config: { numVirtualTokens: 500 } })
  expect(exact.metrics).not.toHaveProperty('divergence')
})

test.each([
  ['one that embeds positions', () => writeTinyGpt2()],
  ['one with windows', () => writeTinyGemma3(24)],
])('an architecture of its own is compressed, and kept whole: %s', async (_, write) => {
  const model = await loadModel(write())
  const changed = { model, weights: undefined }
  const text = 'The weft is drawn in. A boat went to sea.'
  const few = await compress({ config: { numVirtualTokens: 5 } }, [{ document: text }], changed)
  expect(few.metrics.error).toBeGreaterThan(0)
  expect(few.metrics.error).toBeLessThan(1)
  const exact = await compress({}, [{ document: text.slice(0, 6) }], changed)
  expect(exact.metrics).toMatchObject({ error: 0, tokens: exact.metrics.document_tokens })
})

test('while a part is read it is told how much of it is, and who cancels then waits for no layer', async () => {
  const told: TrainingEvent[] = []
  await compress({ document: { partTokens: 40 } }, [{ document }], { onEvent: (event) => told.push(event) })
  const prepared = told.filter((event) => event.type === 'preparing')
  const parts = told.filter((event) => event.type === 'data')[0].totalSteps / host().model.spec.numLayers
  expect(parts).toBeGreaterThan(1)
  expect(prepared.filter(({ share }) => share === 0).map(({ step }) => step)).toEqual(Array.from({ length: parts }, (_, i) => i * host().model.spec.numLayers))
  expect(prepared.every(({ work, share }) => work === 'reading' && share < 1)).toBe(true)
  const abort = new AbortController()
  const layers = vi.fn()
  const onEvent = ({ type }: TrainingEvent): void => void (type === 'preparing' ? abort.abort() : type === 'document' && layers())
  await expect(compress({}, [{ document }], { signal: abort.signal, onEvent })).rejects.toMatchObject({ code: 'cancelled' })
  expect(layers).not.toHaveBeenCalled()
})

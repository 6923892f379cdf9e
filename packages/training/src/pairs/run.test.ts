import { type FloatTensor, readAdapter } from '@weft/adapters'
import { AttentionInputs, loadModel } from '@weft/model'
import { trainingSpecSchema } from '@weft/protocol'
import { writeTinyBert } from '@weft/test/models/tiny-bert'
import { tinyHost } from '@weft/test/models/tiny-host'
import { writeTinyT5 } from '@weft/test/models/tiny-t5'
import { expect, test } from 'vitest'
import type { TrainingEvent } from '../run/events.ts'
import type { TrainingHost } from '../run/job.ts'
import { runJob } from '../run-job.ts'
import { StreamReader } from './stream-reader.ts'
import { pairBatches, tokenizePairs } from './token-pairs.ts'

const host = tinyHost()

const lines = (rows: object[]): string => rows.map((row) => JSON.stringify(row)).join('\n')
const beginnings = [
  'the weft',
  'a boat',
  'anna',
  'the grey warp',
  'a thread in the air',
  'we',
  'another one',
  'the sea',
  'waves upon the boat',
  'one whale',
  'it',
  'there',
]
const rows = beginnings.map((text) => ({ prompt: `${text} `, positive: 'went to sea again', negative: 'stands still' }))

const spec = (more: object = {}) =>
  trainingSpecSchema.parse({
    ...{
      jobId: 'job',
      name: 'tone/sea',
      model: { name: 'base', fingerprint: host().model.fingerprint },
      method: 'steering',
      config: {},
      task: 'CAUSAL_LM',
      seed: 5,
    },
    hyperparameters: { batchSize: 4 },
    ...more,
  })
const compute = (more: object = {}, training: object[] = rows, changed: Partial<TrainingHost> = {}) =>
  runJob(spec(more), { training: lines(training) }, { ...host(), ...changed })
const vectors = async (file: Uint8Array) => (await readAdapter(file)).state.residual as Record<string, FloatTensor>

test('a vector is the mean difference of the stream behind a layer, at the last tokens', async () => {
  const text = { positive: 'the sea', negative: 'the warp stands' }
  const { adapter, metrics } = await compute({ config: { layers: [1, 0] } }, [text])
  const held = await vectors(adapter)
  expect(Object.keys(held)).toEqual(['0.vector', '1.vector'])
  expect(metrics).toEqual({})
  const { model, runtime, weights } = host()
  using reader = new StreamReader({ model, layers: [0, 1], runtime, weights, attention: new AttentionInputs(model) })
  const alone = async (side: string): Promise<Float32Array> => {
    const tokenizer = { encode: model.tokenizer!.encode.bind(model.tokenizer) }
    const [batch] = pairBatches(
      tokenizePairs([{ line: 1, row: { kind: 'pair', positive: side, negative: side } }], { file: '', tokenizer, maxLength: 32 }),
      2,
      32,
    )
    return (await reader.read(batch)).slice()
  }
  const [positive, negative] = [await alone(text.positive), await alone(text.negative)]
  const H = model.spec.hiddenSize
  // [L, 2, H]: both sides are the same text.
  for (const layer of [0, 1])
    for (let h = 0; h < H; h++) expect(held[`${layer}.vector`].data[h]).toBeCloseTo(positive[2 * layer * H + h] - negative[2 * layer * H + h], 4)
})

test('a file says how it was made, and how well it tells held-out pairs apart', async () => {
  const events: TrainingEvent[] = []
  const { adapter, metrics } = await compute({}, rows, { onEvent: (event) => events.push(event) })
  const { manifest } = await readAdapter(adapter)
  expect(manifest).toMatchObject({
    method: 'steering',
    config: { layers: [0], rank: 0 },
    lineage: { pairs: { normalize: false } },
    training: { steps: 6, seed: 5 },
  })
  expect(manifest.training?.metrics).toEqual({ separated: 1, pairs: 1 })
  expect(metrics).toEqual(manifest.training?.metrics)
  expect(events.at(-1)).toMatchObject({ type: 'message', message: expect.stringContaining('1 of 1 held-out pairs') })
})

test('held-out pairs that the vector is computed from are told', async () => {
  const warnings = async (validation: object[]) => {
    const events: TrainingEvent[] = []
    await runJob(spec(), { training: lines(rows), validation: lines(validation) }, { ...host(), onEvent: (event) => events.push(event) })
    return events.flatMap((event) => (event.type === 'message' && event.message.includes('among the training pairs') ? [event] : []))
  }
  expect(await warnings(rows)).toMatchObject([{ level: 'warn', message: expect.stringContaining('12 held-out pairs stand among the training pairs too') }])
  expect(await warnings([{ prompt: 'unseen ', positive: 'went to sea again', negative: 'stands still' }])).toEqual([])
})

test('normalized vectors point the same way, and have length 1', async () => {
  const [long, short] = await Promise.all(
    [compute(), compute({ pairs: { normalize: true } })].map(async (result) => (await vectors((await result).adapter))['0.vector'].data),
  )
  const length = (of: Float32Array) => Math.hypot(...of)
  expect(length(short)).toBeCloseTo(1, 5)
  expect(long.reduce((sum, v, h) => sum + v * short[h], 0) / length(long)).toBeCloseTo(1, 5)
})

test('a run that was cut off goes on from its checkpoint, to the same bytes', async () => {
  const whole = await compute()
  const abort = new AbortController()
  let checkpoint: Uint8Array | undefined
  const cut = compute({}, rows, {
    signal: abort.signal,
    onCheckpoint: (bytes) => void (checkpoint = bytes),
    onEvent: ({ type }) => type === 'pairs' && abort.abort(),
  })
  await expect(cut).rejects.toMatchObject({ code: 'cancelled' })
  const resumed: TrainingEvent[] = []
  const { adapter } = await compute({}, rows, { checkpoint, onEvent: (event) => resumed.push(event) })
  expect(resumed).toContainEqual({ type: 'resume', step: 1, totalSteps: 6 })
  expect(Buffer.compare(adapter, whole.adapter)).toBe(0)
  await expect(compute({ seed: 6 }, rows, { checkpoint })).rejects.toMatchObject({ code: 'checkpoint_mismatch' })
  await expect(compute({}, rows, { checkpoint: Uint8Array.of(1, 2) })).rejects.toMatchObject({ code: 'unreadable_checkpoint' })
})

test.each([
  ['no rows', {}, [], 'training_file_empty'],
  ['a row without a side', {}, [{ positive: 'a' }], 'training_file_keys'],
  ['an empty side', {}, [{ positive: 'a', negative: ' ' }], 'training_file_empty_text'],
  ['sides that are alike', {}, [{ positive: 'a', negative: 'a' }], 'pairs_alike'],
  ['a pair longer than the context', {}, [{ positive: 'a', negative: 'the weft '.repeat(500) }], 'pair_too_long'],
  ['a layer that does not exist', { config: { layers: [9] } }, rows, 'layer_missing'],
  ['a rank', { config: { rank: 2 } }, rows, 'rank_from_pairs'],
  ['a method that is learned', { method: 'prompt-tuning' }, rows, 'method_without_pairs'],
  ['a phase of training', { locality: {} }, rows, 'pairs_contradicted'],
  ['rows to learn from', { pairs: {} }, [{ text: 'a' }], 'pairs_missing'],
])('refused: %s', async (_, more, given, code) => {
  await expect(compute(more, given)).rejects.toMatchObject({ code })
})

test.each([
  ['an encoder', writeTinyBert],
  ['an encoder-decoder', writeTinyT5],
])('refused: %s', async (_, write) => {
  await expect(compute({}, rows, { model: await loadModel(write()), weights: undefined })).rejects.toMatchObject({ code: 'task_not_of_base' })
})

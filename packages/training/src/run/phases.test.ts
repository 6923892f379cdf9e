import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LoadedAdapter, readAdapter } from '@weft/adapters'
import { AttentionInputs, createTokenizer, type LoadedModel, loadModel } from '@weft/model'
import { createChat } from '@weft/model/tokenizer/chat'
import { type TrainingSpec, templateMessages, trainingSpecSchema } from '@weft/protocol'
import { writeTinyBert } from '@weft/test/models/tiny-bert'
import { tinyHost } from '@weft/test/models/tiny-host'
import { expect, test } from 'vitest'
import { type TokenBatch, tokenBatch } from '../batch/batch-tensors.ts'
import { probeTexts } from '../data/probe-texts.ts'
import { type Render, referenceTexts } from '../data/reference-text.ts'
import { GraphEngine } from '../graph/engine.ts'
import { frozenProgram } from '../graph/frozen-program.ts'
import { placedExpression } from '../regularize/expression.ts'
import { type FrozenContext, noContext } from '../regularize/frozen-context.ts'
import { runTraining, type TrainingFiles, type TrainingHost } from './job.ts'
import { referenceRows } from './phases.ts'

const host = tinyHost()

const lines = (rows: object[]): string => rows.map((row) => JSON.stringify(row)).join('\n')
const own = ['the weft is drawn', 'the warp stands still', 'a thread in the air', 'another one there'].map((text) => ({ text }))
const other = ['another air', 'still a thread there', 'drawn in the warp', 'the weft in the air is still'].map((text) => ({ text }))
const files: TrainingFiles = { training: lines(own), reference: lines(other) }
const spec = (overrides: Record<string, unknown> = {}, hyperparameters: Record<string, unknown> = {}): TrainingSpec =>
  trainingSpecSchema.parse({
    jobId: 'j',
    name: 'style/test',
    model: { name: 'base', fingerprint: host().model.fingerprint },
    method: 'parallel-prefix',
    config: { numVirtualTokens: 3 },
    task: 'CAUSAL_LM',
    hyperparameters: { batchSize: 4, maxSteps: 12, learningRate: 0.1, ...hyperparameters },
    seed: 5,
    ...overrides,
  })
const train = async (s: TrainingSpec, given: TrainingFiles = files, changed: Partial<TrainingHost> = {}) => runTraining(s, given, { ...host(), ...changed })
const adapter = async (overrides: Record<string, unknown> = {}, given: TrainingFiles = files): Promise<LoadedAdapter> =>
  readAdapter((await train(spec(overrides), given)).adapter)
const sent = (adapters: Record<string, LoadedAdapter>) => ({
  required: Object.entries(adapters).map(([ref, { digest }]) => ({ ref, digest })),
})

/** The frozen model, asked with compositions for context. */
const asked = async <T>(ask: (engine: GraphEngine, batch: TokenBatch) => Promise<T>, texts = own): Promise<T> => {
  const { model, runtime, weights } = host()
  const program = frozenProgram(model)
  using engine = new GraphEngine({
    program,
    runtime,
    weights,
    attention: new AttentionInputs(model),
    values: {},
  })
  const rows = texts.map(({ text }) => {
    const tokens = Uint32Array.from(model.tokenizer!.encode(text))
    return { tokens, weights: Float32Array.from(tokens, (_, t) => (t > 0 ? 1 : 0)), rowWeight: 1 }
  })
  const batch = tokenBatch(rows, { rows: 4, length: 32, lossRows: rows.reduce((n, row) => n + row.tokens.length - 1, 0) })
  return await ask(engine, batch)
}
const hidden = (context: FrozenContext, texts = own): Promise<Float32Array> =>
  asked(async (engine, batch) => (await engine.hidden({ ...batch, context })).data.slice(), texts)
const lossIn = (context: FrozenContext): Promise<number> => asked((engine, batch) => engine.loss({ ...batch, context }, 1 / batch.weight))
const contextOf = (expression: string, adapters: Record<string, LoadedAdapter>): FrozenContext => ({
  before: [placedExpression(expression, new Map(Object.entries(adapters)), host().model)],
  after: [],
})

test.each(['prefix-tuning', 'prompt-tuning', 'parallel-prefix'])('%s trains on top of a frozen composition, which the loss has felt', async (method) => {
  const beneath = {
    under: await adapter({ method: 'prefix-tuning', config: { numVirtualTokens: 2 } }),
    rows: await adapter({ method: 'prompt-tuning', config: { numVirtualTokens: 2 } }),
  }
  const on = '0.5*under + rows + "the warp"'
  const result = await train(spec({ method, on, ...sent(beneath) }), { ...files, required: Object.values(beneath) })
  const trained = await readAdapter(result.adapter)
  expect(trained.manifest.lineage).toMatchObject({ on, required: sent(beneath).required })
  // What it was trained for is what the composition of both does: the loss of the last steps is near it, that of the new one alone is not.
  const all = { ...beneath, top: trained }
  const [together, only] = [await lossIn(contextOf(`${on} + top`, all)), await lossIn(contextOf('top', all))]
  const before = await lossIn(contextOf(on, all))
  expect(together).toBeLessThan(before)
  expect(together).toBeLessThan(only)
})

test('what lies beneath and is not sent is named', async () => {
  await expect(train(spec({ on: 'tone/friendly' }))).rejects.toMatchObject({ code: 'missing_required', message: expect.stringContaining('tone/friendly') })
})

test('a classifier over a classifier is refused with both names: no composition could hold the two', async () => {
  const labelled = { training: lines(own.map(({ text }, i) => ({ text, label: i % 2 ? 'a' : 'b' }))) }
  const kind = await adapter({ task: 'SEQ_CLS', method: 'prompt-tuning', config: { numVirtualTokens: 2 } }, labelled)
  const over = spec({ name: 'mail/second', task: 'SEQ_CLS', on: 'mail/kind', ...sent({ 'mail/kind': kind }) })
  await expect(train(over, { ...labelled, required: [kind] })).rejects.toMatchObject({
    code: 'stack_not_supported',
    message: expect.stringMatching(/mail\/kind.*mail\/second.*head/),
  })
  // Beneath what speaks, its prompt stays and its head has nothing to say.
  await expect(train(spec({ on: 'mail/kind', ...sent({ 'mail/kind': kind }) }), { ...files, required: [kind] })).resolves.toMatchObject({ steps: 12 })
})

test("locality keeps the frozen model's hidden states on reference text", async () => {
  const config = { numVirtualTokens: 3, gateLearningRate: 1 }
  const plain = await adapter({ config })
  const quiet = await adapter({ config, locality: { probability: 1, weight: 20, after: 0 } })
  const bare = await hidden(noContext, other)
  const change = async (of: LoadedAdapter): Promise<number> =>
    (await hidden(contextOf('it', { it: of }), other)).reduce((sum, value, i) => sum + (value - bare[i]) ** 2, 0)
  expect(await change(quiet)).toBeLessThan(0.5 * (await change(plain)))
  expect(await lossIn(contextOf('it', { it: quiet }))).toBeLessThan(await lossIn(noContext))
})

test("locality keeps the frozen model's hidden states where other adapters answer", async () => {
  const config = { numVirtualTokens: 3, gateLearningRate: 1 }
  const locality = { probability: 1, weight: 5, after: 0 }
  const around = { training: lines(own), reference: lines([{ text: 'air air air air' }]) }
  const probes = lines(other.map(({ text }) => ({ prompt: text.slice(0, text.lastIndexOf(' ')), opening: ' still' })))
  const silentOn = [{ ref: 'other@1', digest: `sha256:${'0'.repeat(64)}`, probes: `sha256:${'1'.repeat(64)}` }]
  const loud = await adapter({ config, locality }, around)
  const quiet = await adapter({ config, locality, silentOn }, { ...around, probes })
  expect(quiet.manifest.lineage.silentOn).toEqual(silentOn)
  const asked = other.map(({ text }) => ({ text: `${text.slice(0, text.lastIndexOf(' '))} still` }))
  const bare = await hidden(noContext, asked)
  const change = async (of: LoadedAdapter): Promise<number> =>
    (await hidden(contextOf('it', { it: of }), asked)).reduce((sum, value, i) => sum + (value - bare[i]) ** 2, 0)
  expect(await change(quiet)).toBeLessThan(0.9 * (await change(loud)))
})

test('a phase starts from an adapter, and a resumed one ends with the same bytes', async () => {
  const first = await adapter({})
  const pool = { other: await adapter({ method: 'prefix-tuning', config: { numVirtualTokens: 2 } }, { training: lines(other) }) }
  const s = spec({ from: 'first', partners: { adapters: ['other', '0.5*other'] }, locality: {}, ...sent({ first, ...pool }) }, { checkpointEvery: 5 })
  const given = { ...files, required: [first, ...Object.values(pool)] }
  const whole = await train(s, given)
  expect(Buffer.from(whole.adapter).equals((await train(s, given)).adapter)).toBe(true)
  const abort = new AbortController()
  let checkpoint: Uint8Array | undefined
  await expect(
    train(s, given, {
      signal: abort.signal,
      onCheckpoint: (bytes, step) => {
        if (step === 5) {
          checkpoint = bytes
          abort.abort()
        }
      },
    }),
  ).rejects.toMatchObject({ code: 'cancelled' })
  expect(Buffer.from((await train(s, given, { checkpoint })).adapter).equals(whole.adapter)).toBe(true)
})

test('an adapter of another method or config cannot be gone on from', async () => {
  const first = await adapter({})
  const given = { ...files, required: [first] }
  await expect(train(spec({ from: 'first', ...sent({ first }), config: { numVirtualTokens: 4 } }), given)).rejects.toMatchObject({
    code: 'cannot_warm_start',
    message: expect.stringMatching(/num_virtual_tokens is \d+, this job's 4/),
  })
  // Of the same shape, but not of the same config.
  await expect(train(spec({ from: 'first', ...sent({ first }), config: { ...first.manifest.config, gateLearningRate: 3 } }), given)).rejects.toMatchObject({
    code: 'cannot_warm_start',
    message: expect.stringContaining('gate_learning_rate'),
  })
  await expect(train(spec({ from: 'first', ...sent({ first }), method: 'prefix-tuning' }), given)).rejects.toMatchObject({
    code: 'cannot_warm_start',
    message: expect.stringContaining('parallel-prefix'),
  })
})

test('a classifier is gone on from for the same labels, read at the same place, and for nothing else', async () => {
  const labelled = (...labels: string[]): TrainingFiles => ({ training: lines(own.map((row, i) => ({ ...row, label: labels[i % labels.length] }))) })
  const classifier = { method: 'prefix-tuning', config: { numVirtualTokens: 2 }, task: 'SEQ_CLS' }
  const first = await adapter(classifier, labelled('ham', 'spam'))
  const again = (given: object, training: TrainingFiles) =>
    train(spec({ ...classifier, from: 'first', ...sent({ first }), ...given }), { ...training, required: [first] })
  expect((await again({}, labelled('spam', 'ham'))).steps).toBe(12)
  const refused = (message: string) => ({ code: 'cannot_warm_start', message: expect.stringContaining(message) })
  await expect(again({}, labelled('good', 'bad'))).rejects.toMatchObject(refused('its labels are "ham", "spam", those of this job\'s rows "bad", "good"'))
  await expect(again({ pooling: 'mean' }, labelled('ham', 'spam'))).rejects.toMatchObject(refused('its pooling is "peft", this job\'s "mean"'))
  await expect(again({ task: 'CAUSAL_LM' }, files)).rejects.toMatchObject(refused('it was trained for SEQ_CLS, this job is for CAUSAL_LM'))
})

test('partners who could never be met are refused, and texts that are long enough are found behind those that are not', async () => {
  const partners = (given: object) => spec({ partners: { randomRows: false, probability: 1, after: 0, ...given } }, { maxSteps: 2 })
  const reference = (...texts: string[]): TrainingFiles => ({ ...files, reference: lines(texts.map((text) => ({ text }))) })
  const short = Array<string>(40).fill('a thread')
  await expect(train(partners({ texts: false }), files)).rejects.toMatchObject({ code: 'no_partners', param: 'partners' })
  await expect(train(partners({}), reference(...short))).rejects.toMatchObject({ code: 'no_partner_texts', param: 'foreign_file' })
  const told: string[] = []
  await train(partners({ randomRows: true }), reference(...short), { onEvent: (e) => e.type === 'message' && e.level === 'warn' && told.push(e.message) })
  expect(told).toEqual([expect.stringMatching(/^No row of foreign_file has the 16 tokens .*partners\.texts/)])
  const beside = await readAdapter((await train(partners({}), reference(...short, 'the weft is drawn in the air '.repeat(4)))).adapter)
  const alone = await readAdapter((await train(spec({}, { maxSteps: 2 }))).adapter)
  expect(beside.state).not.toEqual(alone.state)
})

test('a phase that begins late has the last step at least', async () => {
  const losses = async (overrides: Record<string, unknown>) => {
    const told: number[] = []
    await train(spec(overrides, { maxSteps: 2 }), files, { onEvent: (e) => e.type === 'step' && told.push(e.loss) })
    return told
  }
  const [alone, late] = [await losses({}), await losses({ locality: { probability: 1, after: 0.9 } })]
  expect(late[0]).toBe(alone[0])
  expect(late[1]).toBeGreaterThan(alone[1])
})

test('how loud an adapter is over what lies beneath is measured over it, with held-out rows or without', async () => {
  const under = await adapter({ method: 'prompt-tuning', config: { numVirtualTokens: 3, promptTuningInit: 'random' } })
  const level = async (given: TrainingFiles): Promise<number> => {
    const s = spec({ on: 'under', ...sent({ under }) }, { maxSteps: 1, learningRate: 1e-9 })
    return (await readAdapter((await train(s, { ...given, required: [under] })).adapter)).manifest.training!.level!
  }
  const measured = await level({ ...files, validation: files.training })
  expect(measured).toBeGreaterThan(0.01)
  expect(await level(files)).toBeCloseTo(measured, 3)
})

test('an adapter that is gone on from again and again meets the rows that none of its runs has met', async () => {
  const rows = { training: lines([...'abcdefghi'].map((letter, i) => ({ text: letter.repeat(i + 3) }))) }
  const still = { batchSize: 1, learningRate: 1e-12, schedule: 'constant', warmupRatio: 0 }
  const losses = async (s: TrainingSpec, given: TrainingFiles) => {
    const told: string[] = []
    const { adapter: bytes } = await train(s, given, { onEvent: (e) => e.type === 'step' && told.push(e.loss.toFixed(4)) })
    return { told, made: await readAdapter(bytes) }
  }
  const whole = await losses(spec({}, { ...still, maxSteps: 8 }), rows)
  const a = await losses(spec({}, { ...still, maxSteps: 2 }), rows)
  const b = await losses(spec({ from: 'a', ...sent({ a: a.made }) }, { ...still, maxSteps: 3 }), { ...rows, required: [a.made] })
  const c = await losses(spec({ from: 'b', ...sent({ b: b.made }) }, { ...still, maxSteps: 3 }), { ...rows, required: [b.made] })
  expect([...a.told, ...b.told, ...c.told]).toEqual(whole.told)
  expect([a, b, c].map(({ made }) => made.manifest.training!.stepsBefore)).toEqual([undefined, 2, 5])
})

test('one step on from an adapter starts where it ended', async () => {
  const first = await adapter({})
  const result = await readAdapter(
    (await train(spec({ from: 'first', ...sent({ first }) }, { maxSteps: 1, learningRate: 1e-9 }), { ...files, required: [first] })).adapter,
  )
  for (const [i, value] of result.state.gatedKeyValue.prefix.data.entries()) expect(value).toBeCloseTo(first.state.gatedKeyValue.prefix.data[i], 5)
})

test('locality on a base that predicts no tokens is refused before the first step, however late it would begin', async () => {
  const model = await loadModel(writeTinyBert())
  const rows = own.map(({ text }, i) => ({ text, label: i % 2 ? 'odd' : 'even' }))
  const events: string[] = []
  const classifier = spec({ task: 'SEQ_CLS', model: { name: 'base', fingerprint: model.fingerprint }, locality: {} })
  const { runtime, plugins } = host()
  await expect(runTraining(classifier, { training: lines(rows) }, { model, runtime, plugins, onEvent: ({ type }) => events.push(type) })).rejects.toMatchObject(
    { code: 'no_output_projection' },
  )
  expect(events).toEqual([])
})

test('an adapter whose answers nobody can measure has no level: that is not to be silent', async () => {
  const method = { method: 'prompt-tuning', config: { numVirtualTokens: 3 } }
  const measured = await adapter(method, { ...files, validation: lines([{ text: 'weft' }]) })
  expect(measured.manifest.training!.level).toBeGreaterThan(0)
  // Letters alone: the bare base predicts no first token.
  const { training } = (await adapter(method, { ...files, validation: lines([{ text: 'a' }, { text: 'w' }]) })).manifest
  expect(training!.metrics!.loss).toBeGreaterThan(0)
  expect(training!.verdict!.findings).toContainEqual(expect.objectContaining({ code: 'nothing_measured' }))
  expect(training).not.toHaveProperty('level')
})

test('a chat begins as a request does, with the one special token that its template writes', async () => {
  const golden = join(import.meta.dirname, '../../../../test/golden')
  const tokenizer = createTokenizer(JSON.parse(readFileSync(join(golden, 'tokenizers/bpe/llama-2.json'), 'utf8')).definition, { eos_token: '</s>' })
  const chat = createChat(readFileSync(join(golden, 'chat/templates/llama-2.jinja'), 'utf8'), { bos_token: '<s>', eos_token: '</s>' })
  const render: Render = (messages, addGenerationPrompt) => chat.render(templateMessages(messages), { addGenerationPrompt })
  const tokensOf = (texts: Parameters<typeof referenceRows>[0]) =>
    referenceRows(texts, { tokenizer, name: 'base', spec: {} as LoadedModel['spec'] }).map(({ tokens }) => [...tokens])
  const messages = [{ role: 'user', content: 'the boat' }]
  const asked = tokenizer.encode(chat.render(messages), { addSpecialTokens: false })
  const first = tokenizer.encode('')
  expect(asked.slice(0, 2)).toEqual([...first, expect.not.toSatisfy((token) => token === first[0])])
  const [question, again] = tokensOf(probeTexts(JSON.stringify({ messages }), render))
  expect(question.slice(0, -1)).toEqual(asked)
  expect(again).toEqual(asked)
  const answered = [...messages, { role: 'assistant', content: 'a' }]
  const [row] = tokensOf(await referenceTexts(JSON.stringify({ messages: answered }), render))
  expect(row).toEqual(tokenizer.encode(chat.render(answered, { addGenerationPrompt: false }), { addSpecialTokens: false }))
  // What is no chat, or whose beginning is cut off, gets one of the tokenizer's.
  const long = [{ role: 'user', content: 'the '.repeat(300) }]
  for (const probe of [{ prompt: 'the boat' }, { text: 'the boat' }, { messages: long }])
    for (const tokens of tokensOf(probeTexts(JSON.stringify(probe), render))) expect(tokens.filter((token) => token === first[0])).toHaveLength(1)
})

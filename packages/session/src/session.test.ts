import { mkdirSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ModelSession, openSession } from './index.ts'

let folder: string
let session: ModelSession
beforeAll(async () => {
  folder = writeTinyLlama()
  session = await openSession(folder, { threads: 1 })
})
afterAll(async () => {
  await session.close()
  await rm(folder, { recursive: true })
})

const texts = ['the weft is drawn', 'the warp stands still', 'a thread in the air', 'another one there']
const rows = texts.map((text) => ({ text }))
const hyperparameters = { maxSteps: 12, batchSize: 2, learningRate: 0.1 }

test('what it learned is read more easily, at half strength less so, and not at all without it', async () => {
  const { loss, steps } = await session.train('sailor', { method: 'prefix-tuning', config: { numVirtualTokens: 4 }, rows, heldOut: rows, hyperparameters })
  expect(steps).toBe(12)
  const logprob = async (expression: string) => (await session.score(expression, texts)).reduce((sum, { logprob }) => sum + logprob, 0)
  const [base, none, half, whole] = [await logprob('base'), await logprob('base + 0*sailor'), await logprob('0.5*sailor'), await logprob('sailor')]
  expect(none).toBe(base)
  expect(whole).toBeGreaterThan(half)
  expect(half).toBeGreaterThan(base)
  expect(loss).toBeGreaterThan(0)
})

test("a classifier says what it was taught, from PEFT's own config", async () => {
  const labelled = texts.map((text, i) => ({ text, label: i < 2 ? 'boat' : 'air' }))
  const config = { peft_type: 'PROMPT_TUNING', task_type: 'SEQ_CLS', num_virtual_tokens: 2, peft_version: '0.21.0' }
  await session.train('kind', { config, rows: labelled, heldOut: labelled, hyperparameters: { ...hyperparameters, maxSteps: 30 } })
  expect(session.adapter('kind').manifest).toMatchObject({ method: 'prompt-tuning', task: 'SEQ_CLS', virtualTokens: { rows: 2 } })
  expect((await session.classify('kind', texts)).map(({ label }) => label)).toEqual(labelled.map(({ label }) => label))
})

test('a branch finds its trunk by name, and a missing adapter is named', async () => {
  await session.train('trunk', { method: 'prompt-tuning', config: { numVirtualTokens: 2 }, rows, hyperparameters })
  await session.train('branch', { method: 'prompt-adapter', config: { trunk: 'trunk', r: 1 }, rows, hyperparameters })
  expect(session.adapter('branch').manifest.lineage.required).toEqual([{ ref: 'trunk', digest: session.adapter('trunk').digest }])
  expect((await session.generate('trunk + branch', 'the', { maxTokens: 3 })).tokens).toHaveLength(3)
  await expect(session.generate('nobody', 'the')).rejects.toMatchObject({ code: 'adapter_missing', message: expect.stringMatching(/nobody.*branch/) })
  await expect(session.train('x', { method: 'prompt-adapter', config: { trunk: 'nobody' }, rows })).rejects.toMatchObject({ code: 'adapter_missing' })
  await expect(session.train('x', { method: 'no-method', rows })).rejects.toThrow('no-method')
})

test('what is trained on another fits above it', async () => {
  const lora = { method: 'lora', config: { r: 2 }, rows, hyperparameters: { ...hyperparameters, maxSteps: 3 } }
  await session.train('below', lora)
  const { loss } = await session.train('above', {
    method: 'prefix-tuning',
    config: { numVirtualTokens: 2 },
    on: 'base + 0.5*below',
    rows,
    heldOut: rows,
    hyperparameters: { ...hyperparameters, maxSteps: 30 },
  })
  const { loss: bare } = await session.train('alone', {
    method: 'prefix-tuning',
    config: { numVirtualTokens: 2 },
    rows,
    heldOut: rows,
    hyperparameters: { ...hyperparameters, maxSteps: 30 },
  })
  expect(loss).not.toBe(bare)
  expect(session.adapter('above').manifest.lineage.required).toEqual([{ ref: 'below', digest: session.adapter('below').digest }])
  const logprob = async (expression: string) => (await session.score(expression, texts)).reduce((sum, { logprob }) => sum + logprob, 0)
  expect(await logprob('0.5*below + above')).toBeGreaterThan(await logprob('0.5*below'))
  await expect(session.train('x', { ...lora, on: 'nobody' })).rejects.toMatchObject({ code: 'adapter_missing' })
})

test("a bare config.json reads with another model's tokenizer", async () => {
  const file = join(folder, 'bare', 'config.json')
  mkdirSync(join(folder, 'bare'))
  writeFileSync(
    file,
    JSON.stringify({
      model_type: 'llama',
      hidden_size: 16,
      intermediate_size: 24,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      max_position_embeddings: 32,
      rms_norm_eps: 1e-5,
      vocab_size: session.model.spec.vocabSize,
      tie_word_embeddings: true,
    }),
  )
  await expect(openSession(file).then((bare) => bare.generate('base', 'the'))).rejects.toThrow(/tokenizer/)
  await using bare = await openSession(file, { tokenizer: folder })
  expect((await bare.generate('base', 'the', { maxTokens: 2 })).usage.completionTokens).toBe(2)
})

test('a token that is banned is not written, and one that is written is written less', async () => {
  const [first] = (await session.generate('base', 'the', { maxTokens: 1 })).tokens
  const { tokens } = await session.generate('base', 'the', { maxTokens: 6, logitBias: { [first]: -100 } })
  expect(tokens).not.toContain(first)
  const plain = (await session.generate('base', 'the', { maxTokens: 24 })).tokens
  const varied = (await session.generate('base', 'the', { maxTokens: 24, presencePenalty: 2, frequencyPenalty: 2, repetitionPenalty: 2 })).tokens
  expect(new Set(varied).size).toBeGreaterThan(new Set(plain).size)
  await expect(session.generate('base', 'the', { logitBias: { 100000: 1 } })).rejects.toMatchObject({ code: 'token_out_of_range', param: 'logit_bias' })
})

test('an empty text has no tokens, behind rows and prompts too', async () => {
  await session.train('rows', {
    method: 'prompt-tuning',
    config: { numVirtualTokens: 2 },
    rows: texts.map((text) => ({ text })),
    hyperparameters: { maxSteps: 1 },
  })
  for (const expression of ['base', 'rows', 'base + "in"'])
    for (const prompt of ['', 'the'])
      expect(await session.score(expression, ['', 'air'], prompt)).toMatchObject([{ tokens: 0, logprob: 0, perplexity: 1 }, { tokens: expect.any(Number) }])
})

test('as much as is asked at once is answered, in calls and in texts of a call', async () => {
  const many = Array.from({ length: 520 }, (_, i) => texts[i % 4]!)
  const lists = await Promise.all([1, 2, 3].map(() => session.embed('base', many)))
  expect(lists.map(({ length }) => length)).toEqual([520, 520, 520])
  expect(await Promise.all(many.slice(0, 100).map((text) => session.generate('base', text, { maxTokens: 1 })))).toHaveLength(100)
})

import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tokenizer } from '@weft/model'
import { createChat } from '@weft/model/tokenizer/chat'
import { createTokenizer } from '@weft/model/tokenizer/tokenizer'
import { ModelSession, openSession } from '@weft/session'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inputsCarried } from './carried.ts'
import { interfere } from './interfere.ts'

let folder: string
let session: ModelSession
const mine = ['the weft is drawn', 'the warp stands still', 'a thread in the air', 'another one there']
const others = ['another air', 'still a thread there', 'drawn in the warp', 'the weft in the air is still']
const rows = (texts: string[]): { text: string }[] => texts.map((text) => ({ text }))
const hyperparameters = { maxSteps: 40, batchSize: 4, learningRate: 0.1 }
beforeAll(async () => {
  folder = writeTinyLlama()
  session = await openSession(folder, { threads: 1 })
  await session.train('mine', { method: 'prefix-tuning', config: { numVirtualTokens: 4 }, rows: rows(mine), hyperparameters })
  await session.train('other', { method: 'prefix-tuning', config: { numVirtualTokens: 4 }, rows: rows(others), hyperparameters })
  await session.train('kind', {
    method: 'prompt-tuning',
    config: { numVirtualTokens: 2 },
    task: 'SEQ_CLS',
    rows: [...mine, ...others].map((text, i) => ({ text, label: i < 4 ? 'boat' : 'air' })),
    hyperparameters,
  })
})
afterAll(async () => {
  await session.close()
  await rm(folder, { recursive: true })
})

const probes = { '': [...mine, ...others].map((text) => ({ prompt: text.slice(0, 8) })) }

test('a whisper beside it moves an adapter less than a voice does, and both are named', async () => {
  const [loud, quiet] = [await interfere(session, 'mine + other', { probes, tokens: 4 }), await interfere(session, 'mine + 0.001*other', { probes, tokens: 4 })]
  expect(loud.adapters.map(({ adapter, inputs }) => [adapter, inputs])).toEqual([
    ['mine', 8],
    ['other', 8],
  ])
  expect(quiet.adapters[0].divergence).toBeLessThan(0.05)
  expect(quiet.adapters[0].verdict).toBe('keeps')
  expect(loud.adapters[0].divergence).toBeGreaterThan(2 * quiet.adapters[0].divergence)
  expect(quiet.adapters[0].kept).toBeGreaterThan(loud.adapters[0].kept)
})

test('nothing beside it: nothing moves', async () => {
  const { adapters, verdict } = await interfere(session, 'mine + 0*other', { probes, tokens: 4 })
  expect(adapters[0]).toMatchObject({ adapter: 'mine', divergence: expect.closeTo(0, 6) })
  expect(['keeps', 'uncertain', 'loses']).toContain(verdict)
})

test('a classifier is judged by its labels, alone and in a composition', async () => {
  const {
    adapters: [kind],
  } = await interfere(session, 'kind + other', { probes: { kind: probes[''], other: probes[''] }, tokens: 2 })
  const classes = async (expression: string): Promise<number> => {
    const found = await session.classify(
      expression,
      probes[''].map(({ prompt }) => prompt),
    )
    return found.reduce((sum, { scores }) => sum + scores.boat, 0) / found.length
  }
  expect(kind.labels!.alone.boat).toBeCloseTo(await classes('kind'), 6)
  expect(kind.labels!.composed.boat).toBeCloseTo(await classes('kind + other'), 6)
  expect(kind.labels!.shift).toBeCloseTo(Math.abs(kind.labels!.alone.boat - kind.labels!.composed.boat), 6)
})

test('a text is read as it goes on from its first word: what is kept is what is left of its likelihood', async () => {
  const texts = mine.map((prompt) => ({ prompt, isText: true }))
  const {
    adapters: [loud],
  } = await interfere(session, 'mine + other', { probes: { mine: texts, other: probes[''] }, tokens: 4 })
  const gain = async (expression: string): Promise<number> => {
    const all = await Promise.all(mine.map(async (text) => session.score(expression, [text.slice(text.indexOf(' '))], text.slice(0, text.indexOf(' ')))))
    return all.reduce((sum, [{ logprob }]) => sum + logprob, 0)
  }
  const [base, alone, composed] = [await gain('base'), await gain('mine'), await gain('mine + other')]
  expect(loud.inputs).toBe(4)
  expect(loud.kept).toBeCloseTo((composed - base) / (alone - base), 4)
})

test('choices have a distribution without a head', async () => {
  const {
    adapters: [mineOnly],
  } = await interfere(session, 'mine + "the air"', { probes, tokens: 2, choices: [' a', ' b'] })
  expect(mineOnly.labels!.alone[' a'] + mineOnly.labels!.alone[' b']).toBeCloseTo(1, 6)
})

test('a chat is tried as it is asked, behind the one token that its template begins it with', async () => {
  const chat = createChat("<eos>{% for message in messages %}{{ message['content'] }}{% endfor %}: ")
  const definition = JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8'))
  const end = session.model.tokenizer!.eosTokenIds[0]!
  const begins = {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<eos>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { '<eos>': { id: '<eos>', ids: [end], tokens: ['<eos>'] } },
  }
  const beginning = createTokenizer({ ...definition, post_processor: begins }, { eos_token: '<eos>' })
  expect(beginning.encode('a')).toEqual([end, ...beginning.encode('a', { addSpecialTokens: false })])
  const asked = mine.map((content) => ({ messages: [{ role: 'user', content: content.slice(0, 8) }], opening: 'a' }))
  const measured = async (tokenizer: Tokenizer, choices?: string[]) => {
    await using of = new ModelSession({ ...session.model, tokenizer, chat }, { threads: 1 })
    for (const name of ['mine', 'other']) of.adapters.set(name, session.adapter(name))
    return await interfere(of, 'mine + other', { probes: { '': inputsCarried(asked, of.model) }, tokens: 4, ...(choices && { choices }) })
  }
  // A tokenizer that begins no text with anything gives a chat the tokens that a request for it has.
  for (const choices of [undefined, [' a', ' b']]) expect(await measured(beginning, choices)).toEqual(await measured(session.model.tokenizer!, choices))
})

test('the terms of a sum are those of its brackets, and of a mix its own', async () => {
  const named = async (expression: string) => (await interfere(session, expression, { probes, tokens: 2 })).adapters
  const half = await named('0.5*mine + 0.5*other')
  for (const expression of ['0.5*(mine + other)', 'base + 0.5*(mine + other)']) expect(await named(expression)).toEqual(half)
  const [mineMixed, otherMixed] = await named('mix(0.9*mine, 0.1*other)')
  expect([mineMixed!.adapter, otherMixed!.adapter]).toEqual(['mine', 'other'])
  expect(mineMixed!.divergence).toBeLessThan(otherMixed!.divergence)
})

test('an adapter alone, or no inputs for it, is refused', async () => {
  await expect(interfere(session, 'mine', { probes })).rejects.toMatchObject({ code: 'cannot_interfere' })
  await expect(interfere(session, 'mine + other', { probes: { mine: probes[''] }, tokens: 1 })).rejects.toMatchObject({
    code: 'cannot_interfere',
    message: expect.stringContaining('other'),
  })
})

test('experts are measured at the output: silent ones leave the others as they are, and one alone is itself', async () => {
  const loud = await interfere(session, 'experts(mine, other)', { probes, tokens: 4 })
  expect(loud.adapters.map(({ adapter }) => adapter)).toEqual(['mine', 'other'])
  expect(loud.adapters[0].divergence).toBeGreaterThan(0.001)
  const quiet = await interfere(session, 'experts(mine, 0.001*other)', { probes, tokens: 4 })
  expect(quiet.adapters.map(({ adapter }) => adapter)).toEqual(['mine', 'other'])
  expect(quiet.adapters[0].divergence).toBeLessThan(loud.adapters[0].divergence)
  await expect(interfere(session, 'experts(mine, 0*other)', { probes, tokens: 4 })).rejects.toMatchObject({ code: 'cannot_interfere' })
  await expect(interfere(session, 'auto(mine, other)', { probes })).rejects.toThrow('is chosen for each request')
  await expect(interfere(session, 'experts(kind, other)', { probes, tokens: 4 })).rejects.toMatchObject({ code: 'outputs_operand' })
})

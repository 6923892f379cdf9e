import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { baseWeights } from '@weft/inference/base-weights'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { openSession } from '@weft/session'
import { noContext } from '@weft/training/regularize/frozen-context'
import { expect, test } from 'vitest'
import { NamedAdapters } from './named-adapters.ts'
import { type Asked, Scorer } from './scorer.ts'
import { type Row, trainAdapter } from './train-adapter.ts'

const folder = fileURLToPath(new URL('.', import.meta.resolve('@weft/base-model/package.json')))

test('compositions that are asked together answer as each does by itself', async () => {
  using runtime = openRuntime()
  const model = await loadModel(folder)
  using weights = await baseWeights(runtime, model)
  const answers = [' spam', ' ham']
  const questions = Array.from({ length: 10 }, (_, i) => ({ prompt: `Mail ${i}. Which is it?`, answer: answers[i % 2] }))
  const texts = Array.from({ length: 10 }, (_, i) => ({ text: `We went to sea for the ${i}th time.` }))
  const rates = { learningRate: 0.1, phaseLearningRate: 0.1, localityWeight: 2, probability: 1, virtualTokens: 2, batch: 2, seed: 0, threads: 1 }
  const options = { model: folder, method: 'parallel-prefix', phase: 'none', operator: 'experts', steps: 2, phaseSteps: 2, eval: 6, ...rates } as const
  const trained = (name: string, rows: readonly Row[]) =>
    trainAdapter({ options, model, runtime, weights, maxLength: 24 }, { name, rows, steps: 2, learningRate: 0.1, reference: [] })
  const named = new NamedAdapters({ A: await trained('A', questions), B: await trained('B', texts) }, model)
  using scorer = new Scorer({ model, runtime, weights, threads: 1, maxLength: 24 })

  const all: Asked[] = [
    named.composed([], 'experts'),
    named.composed(['A'], 'experts'),
    named.composed(['A', 'B'], 'sum'),
    named.composed(['A', 'B'], 'experts'),
    named.composed(['A', 'B'], 'product'),
    named.composed(['A', 'B'], 'ensemble'),
    named.withStrengths({ A: 0.5, B: 1 }),
  ]
  const some = { ...all[3], rows: new Set([1, 8, 9]) }
  const asked = [...all, some]
  const byThemselves = [1, 3, 5]
  // The last two answers begin alike, and are told apart as a whole.
  for (const of of [answers, [...answers, ' ham and eggs']]) {
    const together = await scorer.ask(asked, questions, of)
    for (const i of byThemselves) expect(together[i], `composition ${i}`).toEqual((await scorer.ask([all[i]], questions, of))[0])
    expect(together[all.length]).toEqual([1, 8, 9].map((row) => together[3][row]))
    expect(together[all.length][0].scores).toHaveLength(of.length)
  }
  const together = await scorer.likelihoods(asked, texts)
  for (const i of byThemselves) expect(together[i], `composition ${i}`).toEqual((await scorer.likelihoods([all[i]], texts))[0])
  expect(together[all.length]).toEqual([1, 8, 9].map((row) => together[3][row]))
  expect(new Set(together.map((each) => each.reduce((sum, { nats }) => sum + nats, 0).toFixed(4))).size).toBe(asked.length)
})

test('an answer has the tokens that it has behind its prompt: with a tokenizer that begins every text with a blank its scores are what serving tells', async () => {
  const ofBlanks = mkdtempSync(join(tmpdir(), 'weft-blanks-'))
  const golden = fileURLToPath(new URL('../../../../test/golden/tokenizers/bpe/llama-2.json', import.meta.url))
  cpSync(folder, ofBlanks, { recursive: true, filter: (from) => !/node_modules|src/.test(from.slice(folder.length)) })
  writeFileSync(join(ofBlanks, 'tokenizer.json'), JSON.stringify(JSON.parse(readFileSync(golden, 'utf8')).definition))
  writeFileSync(join(ofBlanks, 'tokenizer_config.json'), JSON.stringify({ eos_token: '</s>' }))
  try {
    await using session = await openSession(ofBlanks, { threads: 1 })
    const { model } = session
    const { runtime, weights } = await session.engineParts()
    using scorer = new Scorer({ model, runtime, weights, threads: 1, maxLength: 32 })
    // The last two answers begin alike, so that each is read whole; and behind the last prompt a blank that stands there is one with the answer's.
    const answers = [' a', ' b', ' b a']
    const questions = ['the:', 'the 12', 'the '].map((prompt) => ({ prompt, answer: answers[1] }))
    const [asked] = await scorer.ask([{ contexts: [noContext] }], questions, answers)
    for (const [q, { prompt }] of questions.entries()) {
      const served = (await session.score('base', answers, prompt, { answers: true })).map(({ logprob }) => logprob)
      const apart = (scores: readonly number[]): number[] => scores.slice(1).map((score) => score - scores[0])
      for (const [i, each] of apart(served).entries()) expect(apart(asked[q].scores)[i], `${prompt}${answers[i + 1]}`).toBeCloseTo(each, 3)
    }
  } finally {
    rmSync(ofBlanks, { recursive: true })
  }
})

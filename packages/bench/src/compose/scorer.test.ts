import { fileURLToPath } from 'node:url'
import { baseWeights } from '@weft/inference/base-weights'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
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

import { rmSync } from 'node:fs'
import { type LoadedModel, loadModel } from '@weft/model'
import { writeTinyBert } from '@weft/test/models/tiny-bert'
import { writeTinyGemma3, writeTinyGpt2, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { expect, test } from 'vitest'
import { headParams } from './head.ts'
import { headLrScale } from './head-rate.ts'

/** The model, as if its last norm multiplied by `by`. */
const withNorm = (model: LoadedModel, by: number): LoadedModel => {
  const name = model.architecture.finalNorm!(model.config)
  const stored = model.architecture.startsAtZero?.(name) ? by - 1 : by
  return {
    ...model,
    weights: { ...model.weights, read: async (asked) => new Float32Array(model.weights.shape(asked)[0]).fill(asked === name ? stored : Number.NaN) },
  }
}

test.each([
  ['llama', () => writeTinyLlama()],
  ['gemma3, whose norms multiply by 1 + w', () => writeTinyGemma3(5)],
  ['gpt2', () => writeTinyGpt2()],
])('a head of %s learns by as much less as what it reads is larger', async (_, write) => {
  const folder = write()
  const model = await loadModel(folder)
  rmSync(folder, { recursive: true })
  const { hiddenSize } = model.spec
  expect(await headLrScale(withNorm(model, 1100 / hiddenSize))).toBe(1)
  expect(await headLrScale(withNorm(model, 2200 / hiddenSize))).toBeCloseTo(0.5, 6)
  expect(await headLrScale(withNorm(model, 11_000 / hiddenSize))).toBeCloseTo(0.1, 6)
  expect(await headLrScale(withNorm(model, 0))).toBe(1)
})

test('of an encoder it is the rate itself', async () => {
  const folder = writeTinyBert()
  expect(await headLrScale(await loadModel(folder))).toBe(1)
  rmSync(folder, { recursive: true })
})

test('only what reads the hidden state learns by less: behind a dense layer, that layer', async () => {
  const folder = writeTinyLlama()
  const program = { model: await loadModel(folder), task: 'SEQ_CLS', numLabels: 2, headBias: true, headLrScale: 0.5 } as const
  rmSync(folder, { recursive: true })
  const scales = (params: ReturnType<typeof headParams>) => Object.fromEntries(Object.entries(params).map(([name, { lrScale = 1 }]) => [name, lrScale]))
  expect(scales(headParams(program))).toEqual({ 'head.weight': 0.5, 'head.bias': 1 })
  expect(scales(headParams({ ...program, headDense: true }))).toEqual({ 'head.dense.weight': 0.5, 'head.dense.bias': 1, 'head.weight': 1, 'head.bias': 1 })
})

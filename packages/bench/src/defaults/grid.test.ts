import { definePlugin } from '@weft/methods'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { gridOf } from './grid.ts'

const method = (learningRate: number | ((model?: { hiddenSize: number }) => number)) =>
  definePlugin({
    id: 'mine',
    sites: ['inputsEmbeds'],
    config: z.strictObject({ rank: z._default(z.int(), 4) }),
    hyperparameters: { learningRate },
    searchSpace: { learningRate: [0.00125, 0.0125], setting: { name: 'rank', values: [4] } },
    params: () => ({}),
    encode: () => ({}),
  })
const ratesOf = (grid: ReturnType<typeof gridOf>) => grid.points.map(({ learningRate, isDefault }) => [learningRate, isDefault])

test('the points of a grid are those that the method declares, and its default is one of them once', () => {
  expect(ratesOf(gridOf(method(0.0125), { hiddenSize: 4096 }))).toEqual([
    [0.0125, true],
    [0.00125, false],
  ])
})

test('where the rate is another on a model, so are those of the grid, in proportion', () => {
  const narrower = method((model) => (model && model.hiddenSize > 1000 ? 0.00125 : 0.0125))
  expect(ratesOf(gridOf(narrower, { hiddenSize: 4096 }))).toEqual([
    [0.00125, true],
    [0.000125, false],
  ])
  expect(ratesOf(gridOf(narrower, { hiddenSize: 256 }))).toHaveLength(2)
})

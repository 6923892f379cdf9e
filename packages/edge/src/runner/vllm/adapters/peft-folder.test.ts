import { floatTensor, readSafetensors, type SiteState, toFloat32 } from '@weft/adapters'
import { expect, test } from 'vitest'
import { model } from '../../../../test/tiny-model.ts'
import { vllmExceptions } from '../exceptions.ts'
import { peftFolder, rankOf, vllmRanks } from './peft-folder.ts'

const q = 'model.layers.0.self_attn.q_proj'
const state = (rank: number): SiteState => ({
  [`${q}.a`]: floatTensor(
    [rank, 4],
    Float32Array.from({ length: rank * 4 }, (_, i) => i + 1),
  ),
  [`${q}.b`]: floatTensor(
    [4, rank],
    Float32Array.from({ length: rank * 4 }, (_, i) => -i - 1),
  ),
})
const composed = (linear: SiteState) => ({ segments: [], sites: { linear }, longestPrefix: 0 })

test('ranks are filled up with zeros to one that vLLM knows, and nothing is scaled', () => {
  const linear = state(3)
  expect(rankOf(linear)).toBe(8)
  const files = peftFolder(linear, 8)
  expect(JSON.parse(new TextDecoder().decode(files['adapter_config.json']))).toMatchObject({ r: 8, lora_alpha: 8, peft_type: 'LORA', target_modules: [q] })
  const { tensors } = readSafetensors(files['adapter_model.safetensors'])
  const [a, b] = ['A', 'B'].map((part) => tensors[`base_model.model.${q}.lora_${part}.weight`])
  expect([a.shape, b.shape]).toEqual([
    [8, 4],
    [4, 8],
  ])
  const [A, B] = [toFloat32(a), toFloat32(b)]
  const product = (x: ArrayLike<number>, y: ArrayLike<number>, rank: number): number[] =>
    Array.from({ length: 16 }, (_, i) =>
      Array.from({ length: rank }, (__, r) => x[Math.floor(i / 4) * rank + r] * y[r * 4 + (i % 4)]).reduce((sum, next) => sum + next),
    )
  expect(product(B, A, 8)).toEqual(product(linear[`${q}.b`].data, linear[`${q}.a`].data, 3))
})

test.each([
  [1, 1],
  [2, 8],
  [8, 8],
  [257, 320],
  [512, 512],
  [513, undefined],
])('rank %d goes as %s', (rank, expected) => expect(rankOf(state(rank))).toBe(expected))

test('every rank is one of vLLM 0.32', () => expect(vllmRanks).toEqual([1, 8, 16, 32, 64, 128, 256, 320, 512]))

test('ranks, modules and biases that this vLLM does not take are told, each with why', () => {
  const why = (linear: SiteState, lowRank?: typeof model.lowRank): string[] =>
    vllmExceptions(composed(linear), { ...model, ...(lowRank && { lowRank }) }).map((exception) => exception.why)
  expect(why(state(3))).toEqual([])
  expect(why(state(9), { maxRank: 16 })).toEqual([])
  expect(why(state(17), { maxRank: 16 })).toEqual([expect.stringContaining('come to 32')])
  expect(why(state(513))).toEqual([expect.stringContaining('more than 512')])
  expect(why(state(1), { maxRank: 16, modules: ['q_proj'] })).toEqual([])
  expect(why(state(1), { maxRank: 16, modules: ['v_proj', 'proj'] })).toEqual([expect.stringContaining(`acts on "${q}"`)])
  expect(why({ ...state(1), [`${q}.bias`]: floatTensor([4]) })).toEqual([expect.stringContaining('biases')])
})

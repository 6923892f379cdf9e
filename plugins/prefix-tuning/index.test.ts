import { floatTensor } from '@weft/adapters'
import { encodeState, parseConfig } from '@weft/methods'
import { pluginCases, tinyContext } from '@weft/test/cases/plugin'
import { tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import prefixTuning from './index.ts'

const all = 3 * 2 * 2 * 5 // L·2·K·D
const one = 2 * 5
const tokens = (P: number) => ({ virtualTokens: { rows: 0, prefix: P } })

pluginCases(prefixTuning, {
  configs: {
    'flat, of training rows': { config: { numVirtualTokens: 3 }, parameters: 3 * all, ...tokens(3) },
    'flat, of sampled tokens': { config: { numVirtualTokens: 3, prefixInit: 'vocab' }, parameters: 3 * all, ...tokens(3) },
    'flat, of a text': { config: { numVirtualTokens: 4, prefixInit: 'text', prefixInitText: 'speak plainly' }, parameters: 4 * all, ...tokens(4) },
    'flat, random': { config: { numVirtualTokens: 2, prefixInit: 'random' }, parameters: 2 * all, ...tokens(2) },
    projection: {
      config: { numVirtualTokens: 3, prefixProjection: true, encoderHiddenSize: 7 },
      parameters: 3 * one + 7 * one + 7 + all * 7 + all,
      ...tokens(3),
    },
  },
  refused: [
    { config: { numVirtualTokens: -1 }, param: 'method.prefix-tuning.num_virtual_tokens' },
    { config: { prefixInit: 'text' }, param: 'method.prefix-tuning.prefix_init_text' },
    { config: { encoderHiddenSize: 0 }, param: 'method.prefix-tuning.encoder_hidden_size' },
  ],
})

test('a flat prefix of real tokens is stored as the very keys and values they have', async () => {
  const config = parseConfig<any>(prefixTuning, { numVirtualTokens: 4, prefixInit: 'text', prefixInitText: 'speak plainly' })
  const { embedding } = prefixTuning.params(config, tinyModel, [])
  const values = { embedding: floatTensor(embedding.shape, await embedding.init(tinyContext(), embedding.shape)) }
  const { prefix } = encodeState(prefixTuning, values, config, tinyModel).keyValue
  expect(prefix.shape).toEqual([3, 2, 2, 4, 5])
  expect(prefix.data).toEqual(await tinyContext().keyValue([1, 7, 9, 1]))
})

test("without a word it starts as the keys and values of the task's own training text", async () => {
  const { embedding } = prefixTuning.params(parseConfig<any>(prefixTuning, { numVirtualTokens: 4 }), tinyModel, [])
  const values = { embedding: floatTensor(embedding.shape, await embedding.init(tinyContext(), embedding.shape)) }
  const { prefix } = encodeState(prefixTuning, values, parseConfig<any>(prefixTuning, { numVirtualTokens: 4, prefixInit: 'training_text' }), tinyModel).keyValue
  // The context's training rows are ids 1 2 3, again and again.
  expect(prefix.data).toEqual(await tinyContext().keyValue([1, 2, 3, 1]))
})

test('the projection is Embedding → Linear → Tanh → Linear, laid out [P, L, 2, K, D]', () => {
  const config = parseConfig<any>(prefixTuning, { numVirtualTokens: 1, prefixProjection: true, encoderHiddenSize: 1 })
  const output = Float32Array.from({ length: all }, (_, i) => i)
  const { prefix } = encodeState(
    prefixTuning,
    {
      embedding: floatTensor([1, one], new Float32Array(one).fill(0.1)),
      hiddenWeight: floatTensor([1, one], new Float32Array(one).fill(0.2)),
      hiddenBias: floatTensor([1], Float32Array.of(0.3)),
      outputWeight: floatTensor([all, 1], output),
      outputBias: floatTensor([all], new Float32Array(all).fill(1)),
    },
    config,
    tinyModel,
  ).keyValue
  // One position, so that storage order is PEFT's: element i is i·tanh(10·0.1·0.2 + 0.3) + 1.
  prefix.data.forEach((value, i) => expect(value).toBeCloseTo(i * Math.tanh(0.5) + 1, 4))
})

import { fromLabels, parseConfig } from '@weft/methods'
import { pluginCases, tinyContext } from '@weft/test/cases/plugin'
import { tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import promptTuning from './index.ts'

const rows = (P: number) => ({ parameters: P * 12, virtualTokens: { rows: P, prefix: 0 } })

pluginCases(promptTuning, {
  configs: {
    'training text': { config: { numVirtualTokens: 5 }, ...rows(5) },
    'sampled vocabulary': { config: { numVirtualTokens: 2, promptTuningInit: 'sampledVocab' }, ...rows(2) },
    text: { config: { numVirtualTokens: 4, promptTuningInit: 'text', promptTuningInitText: 'speak plainly' }, ...rows(4) },
    'class labels': { config: { numVirtualTokens: 3, promptTuningInit: 'classLabels' }, ...rows(3) },
    random: { config: { numVirtualTokens: 2, promptTuningInit: 'random' }, ...rows(2) },
  },
  refused: [
    { config: { numVirtualTokens: 0 }, param: 'method.prompt-tuning.num_virtual_tokens' },
    { config: { numVirtualTokens: 2.5 }, param: 'method.prompt-tuning.num_virtual_tokens' },
    { config: { promptTuningInit: 'text' }, param: 'method.prompt-tuning.prompt_tuning_init_text' },
    { config: { promptTuningInit: 'TEXT' }, param: 'method.prompt-tuning.prompt_tuning_init_text' },
    { config: { promptTuningInit: 'zeros' }, param: 'method.prompt-tuning.prompt_tuning_init' },
  ],
})

const start = (config: object, labels: string[] = []) => {
  const { embedding } = promptTuning.params(parseConfig(promptTuning, config), tinyModel, [])
  return embedding.init(tinyContext({ labels }), embedding.shape) as Float32Array
}

test('a text is tiled over the rows, its special tokens included', () => {
  // "speak plainly" is ids 1 (begin), 7, 9; the context's row of id i begins with i.
  const data = start({ numVirtualTokens: 7, promptTuningInit: 'text', promptTuningInitText: 'speak plainly' })
  expect(Array.from({ length: 7 }, (_, p) => data[p * 12])).toEqual([1, 7, 9, 1, 7, 9, 1])
})

test("without a word it starts as the task's own training text", () => {
  // The context's training rows are ids 1 2 3, again and again.
  const data = start({ numVirtualTokens: 5 })
  expect(Array.from({ length: 5 }, (_, p) => data[p * 12])).toEqual([1, 2, 3, 1, 2])
  expect(start({ numVirtualTokens: 5, promptTuningInit: 'training_text' })).toEqual(data)
})

test("a class label's row is the mean of its subwords; rows left over come from the vocabulary", () => {
  const data = start({ numVirtualTokens: 3, promptTuningInit: 'classLabels' }, ['ham', 'bad offer'])
  expect(data[0]).toBe(5)
  expect(data[12]).toBeCloseTo((5 + 7) / 2)
  expect(Number.isInteger(data[24]) && data[24] >= 0 && data[24] < 40).toBe(true)
})

test('class labels without labels is refused', () => {
  expect(() => start({ promptTuningInit: 'classLabels' })).toThrow(expect.objectContaining({ code: 'labels_missing' }))
  expect(() => fromLabels(['a'])(tinyContext(), [2, 12])).not.toThrow()
})

test("PEFT's spellings are understood", () => {
  expect(parseConfig(promptTuning, { promptTuningInit: 'SAMPLE_VOCAB' })).toEqual(parseConfig(promptTuning, { promptTuningInit: 'sampledVocab' }))
})

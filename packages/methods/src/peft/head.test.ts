import { floatTensor, type ModelSpec } from '@weft/adapters'
import { expect, test } from 'vitest'
import { headTo } from './head.ts'

const decoder = { architecture: 'llama', classifier: { module: 'score', bias: false, dense: false, tokens: 'classifier' } } as unknown as ModelSpec
const weight = floatTensor(
  [2, 4],
  Float32Array.from({ length: 8 }, (_, i) => i),
)
const bias = floatTensor([2], Float32Array.of(1, -1))

test("a decoder's classifier of texts with a bias has no form in PEFT, and the error says what has", () => {
  expect(() => headTo({ weight, bias }, decoder, 'SEQ_CLS', 'lora')).toThrow(
    expect.objectContaining({
      code: 'peft_not_exportable',
      message: `an adapter of "lora" cannot be written as a PEFT checkpoint: its classifier has a bias, unlike \`score\` of Hugging Face's llama models for SEQ_CLS. Training always gives it one; what learns rows of {"prompt", "completion"} has no head, is exported, and classifies among "choices"`,
    }),
  )
  expect(headTo({ weight, bias: floatTensor([2]) }, decoder, 'SEQ_CLS', 'lora')).toEqual({ 'base_model.score.weight': weight })
  expect(headTo({ weight, bias }, decoder, 'TOKEN_CLS', 'lora')).toEqual({ 'base_model.classifier.weight': weight, 'base_model.classifier.bias': bias })
})

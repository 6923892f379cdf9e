import { floatTensor, type ModelSpec } from '@weft/adapters'
import { expect, test } from 'vitest'
import { headFrom, headTo } from './head.ts'

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

test("a dense layer that is a module of its own is read and written under its own name, of texts' classifiers alone", () => {
  const distil = {
    classifier: { module: 'classifier', bias: true, dense: true, denseModule: 'pre_classifier', denseActivation: 'relu' },
  } as unknown as ModelSpec
  const [inner, innerBias] = [floatTensor([4, 4], new Float32Array(16).fill(3)), floatTensor([4], Float32Array.of(1, 2, 3, 4))]
  const head = { weight, bias, 'dense.weight': inner, 'dense.bias': innerBias }
  for (const prefix of ['base_model.model', 'base_model']) {
    const tensors = {
      [`${prefix}.classifier.weight`]: weight,
      [`${prefix}.classifier.bias`]: bias,
      [`${prefix}.pre_classifier.weight`]: inner,
      [`${prefix}.pre_classifier.bias`]: innerBias,
    }
    expect(headFrom(tensors, distil, 'SEQ_CLS')).toEqual(head)
    expect(headTo(head, distil, 'SEQ_CLS', 'lora', prefix)).toEqual(tensors)
    expect(headFrom(tensors, distil, 'TOKEN_CLS')).toEqual({ weight, bias })
  }
  expect(() => headTo({ weight, bias }, distil, 'SEQ_CLS', 'lora')).toThrow('is one layer')
})

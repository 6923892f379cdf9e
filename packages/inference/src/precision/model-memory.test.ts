import { loadModel, precisionOf } from '@weft/model'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { expect, test } from 'vitest'
import { requireMemory, weightBytes } from './model-memory.ts'

test('a model that is larger than memory is refused with both numbers; fewer bits need less', async () => {
  const folder = writeTinyLlama()
  const model = await loadModel(folder)
  const bytes = model.weights.names.reduce((sum, name) => sum + 4 * model.weights.shape(name).reduce((a, b) => a * b, 1), 0)
  expect(weightBytes(model)).toBe(bytes)
  expect(weightBytes(await loadModel(folder, { precision: precisionOf('int8') }))).toBeLessThan(bytes)
  expect(() => requireMemory(model, bytes)).not.toThrow()
  expect(() => requireMemory(model, bytes - 1)).toThrowError(
    expect.objectContaining({ code: 'model_too_large', message: expect.stringMatching(/need .* MB .* has .* MB/) }),
  )
})

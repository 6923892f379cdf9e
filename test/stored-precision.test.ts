import { frozenWeight, loadModel } from '@weft/model'
import { bfloat16, float16 } from '@weft/model/precision/float-storage'
import { expect, test } from 'vitest'
import { writeTinyCheckpoint } from './cases/tiny-checkpoint.ts'

test.each([
  ['F16', float16, () => new Float16Array(64 * 32)],
  ['BF16', bfloat16, () => new Uint16Array(64 * 32)],
] as const)('a checkpoint in %s is read as it is stored, and one in another precision is rounded', async (dtype, storage, array) => {
  const name = 'model.embed_tokens.weight'
  const read: string[] = []
  const filled = async (of: 'F32' | 'F16' | 'BF16') => {
    const model = await loadModel(writeTinyCheckpoint('llama', { dtype: of }))
    const into = array()
    const source = {
      stored: (weight: string, only?: string) => model.weights.stored!(weight, only),
      read: (weight: string, values?: Float32Array) => (read.push(of), model.weights.read(weight, values)),
    }
    await storage.fill(frozenWeight(model, name), source, { [name]: into })
    return new Uint8Array(into.buffer)
  }
  // The values of the tiny checkpoint are exact in every precision.
  expect(await filled(dtype)).toEqual(await filled('F32'))
  expect(read).toEqual(['F32'])
})

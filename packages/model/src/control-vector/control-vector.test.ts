import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ModelSpec } from '@weft/adapters'
import { afterAll, expect, test } from 'vitest'
import { readControlVector } from './control-vector.ts'

/** Written by the gguf package: `test/golden/control_vectors.py`. */
const golden = join(import.meta.dirname, '../../../../test/golden/gguf/control-vector.gguf')
const scratch = mkdtempSync(join(tmpdir(), 'weft-control-vector-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const spec = (hiddenSize: number, numLayers: number) => ({ hiddenSize, numLayers }) as ModelSpec

/** The file with some of its text replaced by as much other text. */
const changed = (from: string, to: string): string => {
  const file = join(scratch, 'changed.gguf')
  writeFileSync(file, Buffer.from(readFileSync(golden).toString('latin1').replaceAll(from, to), 'latin1'))
  return file
}

/** The file saying that it is for a model of so many layers. */
const ofLayers = (count: number): string => {
  const key = 'controlvector.layer_count'
  const bytes = readFileSync(golden)
  bytes.writeInt32LE(count, bytes.indexOf(key) + key.length + 4) // behind the value's type
  const file = join(scratch, `layers-${count}.gguf`)
  writeFileSync(file, bytes)
  return file
}

test('its count is of the base model’s layers, of those that cvector-generator makes directions for, or of its directions', async () => {
  for (const count of [2, 3, 4]) expect((await readControlVector(ofLayers(count), spec(32, 4))).size).toBe(2)
})

test('directions are vectors behind layers', async () => {
  const vectors = await readControlVector(golden, spec(32, 4))
  expect([...vectors.keys()]).toEqual([1, 3])
  for (const [layer, { shape, data }] of vectors)
    expect({ shape, data: [...data] }).toEqual({ shape: [32], data: Array.from({ length: 32 }, (_, h) => layer + h / 16) })
})

test.each([
  ['another hidden size', () => golden, spec(16, 4), 409, 'wrong_base_model', "32 numbers, this model's stream has 16"],
  ['fewer layers', () => golden, spec(32, 3), 409, 'wrong_base_model', "behind layer 3, this model's layers are 0 to 2"],
  ['a model of other layers', () => ofLayers(12), spec(32, 24), 409, 'wrong_base_model', 'a model of 12 layers, and this one has 24'],
  [
    'another count, with what to do if it counts something else',
    () => ofLayers(12),
    spec(32, 24),
    409,
    'wrong_base_model',
    'gguf-set-metadata FILE controlvector.layer_count 24',
  ],
  ['more layers than the model has', () => ofLayers(5), spec(32, 4), 409, 'wrong_base_model', 'a model of 5 layers, and this one has 4'],
  ['a model', () => changed('controlvector', 'somethingelse'), spec(32, 4), 422, 'no_control_vector', '"somethingelse"'],
  ['a tensor of another name', () => changed('direction.1', 'directionX1'), spec(32, 4), 400, 'invalid_gguf', 'directionX1'],
])('refused: %s', async (_, file, model, status, code, said) => {
  await expect(readControlVector(file(), model)).rejects.toMatchObject({ status, code, message: expect.stringContaining(said) })
})

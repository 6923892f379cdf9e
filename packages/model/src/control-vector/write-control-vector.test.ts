import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesOf, floatTensor, type ModelSpec } from '@weft/adapters'
import { afterAll, expect, test } from 'vitest'
import { readGguf } from '../gguf/gguf-file.ts'
import { readControlVector } from './control-vector.ts'
import { writeControlVector } from './write-control-vector.ts'

/** Written by the gguf package: `test/golden/control_vectors.py`. */
const golden = join(import.meta.dirname, '../../../../test/golden/gguf/control-vector.gguf')
const scratch = mkdtempSync(join(tmpdir(), 'weft-control-vector-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const spec = (architecture: string, hiddenSize: number) => ({ architecture, hiddenSize, numLayers: 24 }) as ModelSpec

test('what the gguf package writes of the same vectors, byte by byte', async () => {
  const model = { ...spec('llama', 32), numLayers: 4 }
  expect(Buffer.from(await writeControlVector(await readControlVector(golden, model), model)).equals(readFileSync(golden))).toBe(true)
})

test('vectors come back bit for bit, whatever their length and however odd their numbers', async () => {
  const file = join(scratch, 'odd.gguf')
  const odd = Float32Array.of(-0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45, 0.1)
  const vectors = new Map([
    [1, floatTensor([5], odd)],
    [23, floatTensor([5], odd.toReversed())],
  ])
  writeFileSync(file, await writeControlVector(vectors, spec('gemma3_text', 5)))
  expect((await readGguf(file)).metadata).toMatchObject({ 'controlvector.model_hint': 'gemma3', 'controlvector.layer_count': 2 })
  const back = await readControlVector(file, spec('gemma3_text', 5))
  expect([...back].map(([layer, tensor]) => [layer, Buffer.from(bytesOf(tensor)).toString('hex')])).toEqual(
    [...vectors].map(([layer, tensor]) => [layer, Buffer.from(bytesOf(tensor)).toString('hex')]),
  )
})

test('llama.cpp has no place behind layer 0', async () => {
  await expect(writeControlVector(new Map([[0, floatTensor([4])]]), spec('llama', 4))).rejects.toMatchObject({
    status: 422,
    code: 'control_vector_layer',
    message: expect.stringContaining('direction.0'),
  })
})

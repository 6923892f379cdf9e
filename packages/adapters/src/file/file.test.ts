import { randomTensor, tinyBase, tinyModel } from '@weft/test/cases/tiny-adapters'
import { describe, expect, test } from 'vitest'
import { Random } from '../random.ts'
import { textState } from '../sites/text/algebra.ts'
import { floatTensor } from '../tensor.ts'
import { type ManifestInput, readAdapter, writeAdapter } from './file.ts'
import { checkBase } from './of-base.ts'
import { readSafetensors, toTensor, writeSafetensors } from './safetensors.ts'

const manifest: ManifestInput = {
  method: 'prompt-tuning',
  config: { numVirtualTokens: 3 },
  base: tinyBase,
  task: 'CAUSAL_LM',
  lineage: {},
  training: { steps: 12, loss: 2.5, evalLoss: 2.75, seed: 1 },
}
const state = () => ({ inputsEmbeds: { rows: randomTensor(new Random(1), 3, 12) } })

test('a file tells of itself and reads back', async () => {
  const bytes = await writeAdapter(manifest, state(), { embedding: floatTensor([2], Float32Array.of(1, 2)) })
  const adapter = await readAdapter(bytes, { model: tinyModel, base: tinyBase })
  expect(adapter.manifest).toMatchObject({ ...manifest, format: 'weft-adapter', version: 1, sites: ['inputsEmbeds'], virtualTokens: { rows: 3, prefix: 0 } })
  expect(adapter.state.inputsEmbeds.rows).toEqual(state().inputsEmbeds.rows)
  expect([...adapter.params.embedding.data]).toEqual([1, 2])
  expect(adapter.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
})

test('the same adapter is the same bytes, whatever the order of its keys', async () => {
  const other = {
    lineage: {},
    task: 'CAUSAL_LM',
    base: tinyBase,
    training: { seed: 1, evalLoss: 2.75, loss: 2.5, steps: 12 },
    config: manifest.config,
    method: 'prompt-tuning',
  } as const
  expect(await writeAdapter(other, state())).toEqual(await writeAdapter(manifest, state()))
})

test('a tensor that would be the prototype of its site is refused', async () => {
  const bytes = await writeAdapter(manifest, { inputsEmbeds: Object.fromEntries([...Object.entries(state().inputsEmbeds), ['__proto__', floatTensor([1])]]) })
  await expect(readAdapter(bytes)).rejects.toMatchObject({ code: 'tensor_unexpected', message: expect.stringContaining('inputsEmbeds.__proto__') })
  const params = await writeAdapter(manifest, state(), Object.fromEntries([['__proto__', floatTensor([1])]]))
  await expect(readAdapter(params)).rejects.toMatchObject({ code: 'tensor_unexpected' })
})

test('weights keep the dots of their names', async () => {
  const bytes = await writeAdapter({ ...manifest, method: 'full' }, { weights: { 'model.norm.weight': floatTensor([12]) } })
  expect(Object.keys((await readAdapter(bytes, { model: tinyModel })).state.weights)).toEqual(['model.norm.weight'])
})

describe('refused', () => {
  const changed = async (change: (manifest: any) => void, tensors: Record<string, any> = {}): Promise<Uint8Array> => {
    const file = readSafetensors(await writeAdapter(manifest, state()))
    const copies = Object.fromEntries(Object.entries(file.tensors).map(([name, stored]) => [name, toTensor(stored)]))
    const parsed = JSON.parse(file.metadata.weft)
    change(parsed)
    return writeSafetensors({ ...copies, ...tensors }, { weft: JSON.stringify(parsed) })
  }

  test.each<[string, () => Promise<Uint8Array> | Uint8Array, string]>([
    ['a file without a manifest', () => writeSafetensors({ prompt_embeddings: floatTensor([3, 12]) }), 'manifest_missing'],
    ['a manifest that is not JSON', () => writeSafetensors({}, { weft: '{' }), 'manifest_invalid'],
    [
      'another version of the format',
      () =>
        changed((m) => {
          m.version = 2
        }),
      'manifest_invalid',
    ],
    [
      'a manifest without a base',
      () =>
        changed((m) => {
          delete m.base
        }),
      'manifest_invalid',
    ],
    [
      'a site that does not exist',
      () =>
        changed((m) => {
          m.sites = ['nowhere']
        }),
      'unknown_site',
    ],
    [
      'a site without tensors',
      () =>
        changed((m) => {
          m.sites.push('keyValue')
        }),
      'file_invalid',
    ],
    ['a tensor of no site', () => changed(() => {}, { 'keyValue.prefix': floatTensor([1]) }), 'tensor_unexpected'],
    [
      'a lie about positions',
      () =>
        changed((m) => {
          m.virtualTokens.rows = 1
        }),
      'manifest_invalid',
    ],
    [
      'a lie about the block it is',
      () =>
        changed((m) => {
          m.shared.inputsEmbeds = `sha256:${'0'.repeat(64)}`
        }),
      'manifest_invalid',
    ],
    ['rows for another width', () => changed(() => {}, { 'inputsEmbeds.rows': floatTensor([3, 11]) }), 'tensor_shape'],
    ['NaN', () => changed(() => {}, { 'inputsEmbeds.rows': floatTensor([3, 12], new Float32Array(36).fill(NaN)) }), 'tensor_not_finite'],
  ])('%s', async (_, make, code) => {
    await expect(readAdapter(await make(), { model: tinyModel, base: tinyBase })).rejects.toMatchObject({ code, status: 422 })
  })

  test('another base model, by name and fingerprint', async () => {
    const bytes = await writeAdapter(manifest, state())
    await expect(readAdapter(bytes, { base: { name: 'smollm2', fingerprint: 'sha256:other' } })).rejects.toMatchObject({
      code: 'wrong_base_model',
      status: 409,
      message: expect.stringMatching(/"base" \(sha256:tiny.*not for "smollm2"/),
    })
    expect(() => checkBase({ base: tinyBase, sites: [] }, tinyBase, 'same')).not.toThrow()
  })

  test('a text is of no base model, and a text beside anything else is', async () => {
    const text = { text: textState('Be brief.') }
    const other = { name: 'other', fingerprint: 'sha256:other' }
    const written = { ...manifest, base: { ...tinyBase, architecture: 'bert' } }
    expect((await readAdapter(await writeAdapter(written, text), { model: tinyModel, base: other })).state).toHaveProperty('text.utf8')
    await expect(readAdapter(await writeAdapter(manifest, { ...state(), ...text }), { base: other })).rejects.toMatchObject({ code: 'wrong_base_model' })
  })

  test('every truncation', async () => {
    const bytes = await writeAdapter(manifest, state())
    for (let length = 0; length < bytes.length; length += 37) await expect(readAdapter(bytes.subarray(0, length))).rejects.toMatchObject({ status: 422 })
  })
})

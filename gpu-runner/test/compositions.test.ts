import { packComposition } from '@weft/adapters'
import { refused } from '@weft/test/cases/serving/refused'
import { randomTensor } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rows, servedLlama } from './served-llama.test.setup.ts'

const served = servedLlama()
const { answer, generate, keyOf, pack, put } = served
beforeAll(served.load)
afterAll(served.close)

test('are asked for by 424, taken in, and used', async () => {
  const key = await keyOf('a')
  expect(await refused(generate({ composition: key }))).toMatchObject({ status: 424, code: 'composition_not_held', details: { key } })
  expect((await put(key, pack(rows(3, 'a')))).status).toBe(204)
  const composed = await answer({ composition: key })
  expect(composed.usage).toMatchObject({ prompt_tokens: 6, virtual_tokens: 3 })
  expect(composed.text).not.toBe((await answer({})).text)
  expect(await answer({ composition: key })).toEqual(composed)
})

test('the one not used longest gives way, is asked for again and answers as before', async () => {
  const [first, second, ...others] = await Promise.all(['first', 'second', 'third', 'fourth', 'fifth', 'sixth'].map(keyOf))
  await put(first, pack(rows(8, 'first')))
  const before = await answer({ composition: first })
  await put(second, pack(rows(8, 'second')))
  expect(await answer({ composition: first })).toEqual(before)
  for (const key of others.slice(0, 2)) await put(key, pack(rows(8, key)))
  // Three fit: the fourth took the place of the second, since the first had been used after it.
  expect(await refused(generate({ composition: second }))).toMatchObject({ status: 424 })
  expect(await answer({ composition: first })).toEqual(before)
  for (const key of others) await put(key, pack(rows(8, key)))
  expect(await refused(generate({ composition: first }))).toMatchObject({ status: 424 })
  expect((await put(first, pack(rows(8, 'first')))).status).toBe(204)
  expect(await answer({ composition: first })).toEqual(before)
})

test.each<[string, number, string, () => Uint8Array<ArrayBuffer>]>([
  [
    'NaN',
    422,
    'tensor_',
    () => {
      const c = rows(2, 'x')
      ;(c.segments[0] as any).rows.data[5] = NaN
      return pack(c)
    },
  ],
  [
    'infinity',
    422,
    'tensor_',
    () => {
      const c = rows(2, 'x')
      ;(c.segments[0] as any).rows.data[5] = Infinity
      return pack(c)
    },
  ],
  [
    'an enormous norm',
    422,
    'tensor_',
    () => {
      const c = rows(2, 'x')
      ;(c.segments[0] as any).rows.data.fill(1e30)
      return pack(c)
    },
  ],
  ['a wrong shape', 422, 'tensor_', () => pack({ segments: [{ kind: 'rows', rows: randomTensor([2, 31], 'x') }], sites: {}, longestPrefix: 0 })],
  [
    'a prefix for other heads',
    422,
    'tensor_',
    () => pack({ segments: [], sites: { keyValue: { prefix: randomTensor([2, 2, 4, 3, 8], 'x') } }, longestPrefix: 3 }),
  ],
  ['truncated bytes', 422, 'file_', () => pack(rows(2, 'x')).slice(0, -8)],
  ['bytes that are no safetensors', 422, 'file_', () => new TextEncoder().encode('\x80\x04\x95 a pickle, say')],
  ['another base model', 409, 'wrong_base_model', () => packComposition(rows(2, 'x'), { fingerprint: '0'.repeat(64) })],
  ['more bytes than are kept', 413, 'body_too_large', () => pack(rows(40, 'x'))],
])('%s is refused and not held', async (name, status, code, bytes) => {
  const key = await keyOf(name)
  expect(await refused(put(key, bytes()))).toMatchObject({ status, code: expect.stringContaining(code) })
  expect(await refused(generate({ composition: key }))).toMatchObject({ status: 424 })
})

test('a key that is none is refused', async () => {
  expect(await refused(put('..%2Fetc', pack(rows(1, 'x'))))).toMatchObject({ status: 400, code: 'invalid_composition_key' })
  expect(await refused(generate({ composition: 'x' }))).toMatchObject({ status: 400, code: 'invalid_composition_key' })
})

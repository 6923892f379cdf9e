import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bits16, float32, writeSafetensors } from '../testing/safetensors.ts'
import { temporaryFolder } from '../testing/tiny-llama.ts'
import { readHeader } from './header.ts'
import { checkedEntries, readEntries } from './open.ts'
import { FileWeights } from './weights.ts'

const single = (tensors: Parameters<typeof writeSafetensors>[1]): string => {
  const folder = temporaryFolder()
  writeSafetensors(join(folder, 'model.safetensors'), tensors)
  return folder
}
const coded = (code: string, message: RegExp | string = '') =>
  expect.objectContaining({ code, message: message instanceof RegExp ? expect.stringMatching(message) : expect.stringContaining(message) })

test('fp16 and bf16 widen exactly, every bit pattern of them', async () => {
  const patterns = Uint16Array.from({ length: 65536 }, (_, i) => i)
  const folder = single({ half: bits16('F16', [256, 256], patterns), brain: bits16('BF16', [256, 256], patterns) })
  const weights = new FileWeights(readEntries(folder))
  const half = await weights.read('half')
  const fraction = (bits: number) => (bits & 0x3ff) / 1024
  patterns.forEach((bits) => {
    const exponent = (bits >> 10) & 31
    const magnitude = exponent === 31 ? (bits & 0x3ff ? NaN : Infinity) : exponent ? 2 ** (exponent - 15) * (1 + fraction(bits)) : 2 ** -14 * fraction(bits)
    if (!Object.is(half[bits], (bits & 0x8000 ? -1 : 1) * magnitude)) expect(half[bits], `pattern ${bits}`).toBe((bits & 0x8000 ? -1 : 1) * magnitude)
  })
  const brain = new Uint32Array((await weights.read('brain')).buffer)
  patterns.forEach((bits) => {
    if (brain[bits] !== (bits << 16) >>> 0) expect(brain[bits]).toBe((bits << 16) >>> 0)
  })
})

test('float32 tensors say where they lie, narrow ones do not; both read alike, whole or by rows', async () => {
  const folder = single({ pad: bits16('BF16', [1], [0]), a: float32([3, 2], [1, 2, 3, 4, 5, 6]), b: bits16('BF16', [2, 2], [0x3f80, 0x4000, 0x4040, 0x4080]) })
  const weights = new FileWeights(readEntries(folder))
  const { file, offset, length } = weights.external('a')!
  expect([...new Float32Array(new Uint8Array(readFileSync(file).subarray(offset, offset + length)).buffer)]).toEqual([1, 2, 3, 4, 5, 6])
  expect(weights.external('b')).toBeNull()
  expect([...(await weights.read('a'))]).toEqual([1, 2, 3, 4, 5, 6])
  expect([...weights.readSync('b')]).toEqual([1, 2, 3, 4])
  expect([...weights.rows('b', [1, 0, 1])]).toEqual([3, 4, 1, 2, 3, 4])
  expect([...weights.rows('a', [2])]).toEqual([5, 6])
  expect(() => weights.rows('a', [3])).toThrow(/row 3/)
  const into = new Float32Array(4)
  expect(await weights.read('b', into)).toBe(into)
  expect([...into]).toEqual([1, 2, 3, 4])
  await expect(weights.read('a', new Float32Array(5))).rejects.toThrow(/holds 5/)
  expect(() => weights.shape('c')).toThrowError(coded('unknown_tensor', 'named c'))
})

test('a weight larger than the read buffer is whole', async () => {
  const count = 5_000_000 // 20 MB, more than one read
  const values = Float32Array.from({ length: count }, (_, i) => i)
  const weights = new FileWeights(readEntries(single({ big: float32([count], values) })))
  const read = await weights.read('big')
  expect(read.length).toBe(count)
  expect(read.every((value, i) => value === i)).toBe(true)
})

test('shards are read through their index', async () => {
  const folder = temporaryFolder()
  writeSafetensors(join(folder, 'model-00001-of-00002.safetensors'), { a: float32([2], [1, 2]) })
  writeSafetensors(join(folder, 'model-00002-of-00002.safetensors'), { b: float32([2], [3, 4]) })
  const index = (map: Record<string, string>) => writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: map }))
  index({ a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' })
  const weights = new FileWeights(readEntries(folder))
  expect([...(await weights.read('b')), ...(await weights.read('a'))]).toEqual([3, 4, 1, 2])
  index({ a: 'model-00002-of-00002.safetensors' })
  expect(() => readEntries(folder)).toThrowError(coded('invalid_checkpoint', 'lacks a'))
  index({ a: 'model-00003-of-00002.safetensors' })
  expect(() => readEntries(folder)).toThrowError(coded('missing_file', 'model-00003-of-00002.safetensors'))
  index({ a: '../elsewhere.safetensors' })
  expect(() => readEntries(folder)).toThrowError(coded('invalid_checkpoint', 'no plain file name'))
})

test('missing, extra and misshaped tensors are named, as is a precision that is not read', () => {
  const entries = readEntries(single({ a: float32([2], [1, 2]), b: float32([1], [3]), rest: { dtype: 'I8', shape: [1], bytes: new Uint8Array(1) } }))
  const none = () => false
  expect(() => checkedEntries(entries, { a: [2], gone: [1] }, none)).toThrowError(coded('missing_tensors', 'gone'))
  expect(() => checkedEntries(entries, { a: [2], b: [1] }, none)).toThrowError(coded('extra_tensors', 'rest'))
  expect(() => checkedEntries(entries, { a: [1, 2], b: [1] }, () => true)).toThrowError(coded('misshaped_tensor', /a is \[2\].*\[1,2\]/))
  expect(() => checkedEntries(entries, { rest: [1] }, () => true)).toThrowError(coded('unsupported_dtype', 'rest is I8'))
  expect([...checkedEntries(entries, { a: [2], b: [1] }, (name) => name === 'rest').keys()]).toEqual(['a', 'b'])
})

test('broken files say what is wrong with them', () => {
  const folder = single({ a: float32([4], [1, 2, 3, 4]) })
  const file = join(folder, 'model.safetensors')
  const whole = readFileSync(file)
  truncateSync(file, whole.length - 4)
  expect(() => readHeader(file)).toThrowError(coded('invalid_checkpoint', 'truncated: a ends'))
  truncateSync(file, 20)
  expect(() => readHeader(file)).toThrowError(coded('invalid_checkpoint', 'truncated or no safetensors'))
  truncateSync(file, 3)
  expect(() => readHeader(file)).toThrowError(coded('invalid_checkpoint', '3 bytes'))
  writeFileSync(file, Buffer.concat([whole.subarray(0, 8), Buffer.from('x'), whole.subarray(9)]))
  expect(() => readHeader(file)).toThrowError(coded('invalid_checkpoint', 'not JSON'))
  writeSafetensors(file, { a: { dtype: 'F32', shape: [3], bytes: new Uint8Array(8) } })
  expect(() => readHeader(file)).toThrowError(coded('invalid_checkpoint', 'takes 12 bytes; its entry spans 8'))
  expect(() => readEntries(temporaryFolder())).toThrowError(coded('missing_file', 'model.safetensors'))
})

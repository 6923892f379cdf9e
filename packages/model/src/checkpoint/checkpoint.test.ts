import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bits16, float32, writeSafetensors } from '../testing/safetensors.ts'
import { temporaryFolder } from '../testing/tiny-llama.ts'
import { readHeader } from './header.ts'
import { checkedEntries, readEntries } from './open.ts'
import { RandomWeights } from './random.ts'
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
  expect(() => readHeader(file)).toThrowError(coded('invalid_checkpoint', /announces \d+ bytes, the file has \d+ bytes: it is truncated/))
  truncateSync(file, 20)
  expect(() => readHeader(file)).toThrowError(coded('invalid_checkpoint', 'truncated or no safetensors'))
  truncateSync(file, 3)
  expect(() => readHeader(file)).toThrowError(coded('invalid_checkpoint', 'the file has 3'))
  writeFileSync(file, Buffer.concat([whole.subarray(0, 8), Buffer.from('x'), whole.subarray(9)]))
  expect(() => readHeader(file)).toThrowError(coded('invalid_checkpoint', 'not JSON'))
  writeSafetensors(file, { a: { dtype: 'F32', shape: [3], bytes: new Uint8Array(8) } })
  expect(() => readHeader(file)).toThrowError(coded('invalid_checkpoint', 'takes 12 bytes; its offsets 0–8 give 8'))
  expect(() => readEntries(temporaryFolder())).toThrowError(coded('missing_file', 'model.safetensors'))
})

describe('a file that two readers would read differently is refused', () => {
  const one = { dtype: 'U8', shape: [2], data_offsets: [0, 2] }
  /** A file of any header. */
  const fileOf = (header: object | string, data: number): string => {
    const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
    const prefix = Buffer.alloc(8)
    prefix.writeBigUInt64LE(BigInt(text.length))
    const file = join(temporaryFolder(), 'model.safetensors')
    writeFileSync(file, Buffer.concat([prefix, text, Buffer.alloc(data)]))
    return file
  }
  test.each([
    ['a name twice', '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"I8","shape":[2],"data_offsets":[0,2]}}', 2, 'names "a" twice'],
    ['two tensors at the same bytes', { a: one, b: one }, 2, 'inside another tensor'],
    ['tensors that overlap', { a: one, b: { dtype: 'U8', shape: [2], data_offsets: [1, 3] } }, 3, 'inside another tensor'],
    ['a hole', { a: one, b: { dtype: 'U8', shape: [1], data_offsets: [3, 4] } }, 4, 'after a hole'],
    ['bytes behind the last tensor', { a: one }, 3, '1 bytes follow the last tensor'],
    ['an entry with a field that means nothing', { a: { ...one, strides: [1] } }, 2, 'the entry of "a"'],
  ])('%s', (_, header, data, message) => {
    expect(() => readHeader(fileOf(header, data))).toThrowError(coded('invalid_checkpoint', message))
  })

  test('one tensor in two shards, one that the index names twice; one that it does not place is there', () => {
    const folder = temporaryFolder()
    const shard = (n: number, tensors: Parameters<typeof writeSafetensors>[1]) => writeSafetensors(join(folder, `model-0000${n}-of-00002.safetensors`), tensors)
    const index = (text: string) => writeFileSync(join(folder, 'model.safetensors.index.json'), `{"weight_map":${text}}`)
    const both = '{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}'
    shard(1, { a: float32([1], [1]), c: float32([1], [3]) })
    shard(2, { b: float32([1], [2]) })
    index(both)
    expect([...readEntries(folder).keys()].sort()).toEqual(['a', 'b', 'c'])
    index(both.replace('"b"', '"a"'))
    expect(() => readEntries(folder)).toThrowError(coded('invalid_checkpoint', 'names "a" twice'))
    index(both)
    shard(2, { b: float32([1], [2]), a: float32([1], [4]) })
    expect(() => readEntries(folder)).toThrowError(coded('invalid_checkpoint', 'it holds a, and so does model-00001-of-00002.safetensors'))
  })
})

test('a single file is read although an index lies beside it, as the hub is', async () => {
  const folder = single({ a: float32([1], [7]) })
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: { a: 'model-00001-of-00001.safetensors' } }))
  writeSafetensors(join(folder, 'model-00001-of-00001.safetensors'), { a: float32([1], [8]) })
  expect([...(await new FileWeights(readEntries(folder)).read('a'))]).toEqual([7])
})

test('a Git LFS pointer says that it is one', () => {
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n'
  const folder = temporaryFolder()
  const index = join(folder, 'model.safetensors.index.json')
  writeFileSync(index, pointer)
  expect(() => readEntries(folder)).toThrowError(coded('git_lfs_pointer', index))
  const file = join(folder, 'model.safetensors')
  writeFileSync(file, pointer)
  expect(() => readEntries(folder)).toThrowError(coded('git_lfs_pointer', file))
})

test('random rows are those of the whole random weight, each drawn once', async () => {
  const weights = new RandomWeights({ 'embed.weight': [50, 3], 'norm.weight': [4] })
  const all = await weights.read('embed.weight')
  expect([...weights.rows('embed.weight', [7, 0, 7, 49])]).toEqual([7, 0, 7, 49].flatMap((id) => [...all.subarray(id * 3, id * 3 + 3)]))
  expect(() => weights.rows('embed.weight', [50])).toThrow('row 50 of embed.weight, which has 50')
})

import { describe, expect, test } from 'vitest'
import { floatTensor } from '../tensor.ts'
import { maxHeaderBytes, readSafetensors, toFloat32, toIntegers, writeSafetensors } from './safetensors.ts'

/** A file of any header, as an attacker would write it. */
function file(header: unknown, data: Uint8Array = new Uint8Array(0), length?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true)
  bytes.set(json, 8)
  bytes.set(data, 8 + json.length)
  return bytes
}
const entry = (dtype: string, shape: number[], start: number, end: number) => ({ dtype, shape, data_offsets: [start, end] })

test('what is written is read, aligned and in one order', () => {
  const tensors = {
    b: floatTensor([2, 2], Float32Array.of(1, -0, 3e-40, 4)),
    a: { shape: [3], data: Uint8Array.of(1, 2, 3) },
    scalar: floatTensor([]),
    empty: floatTensor([0, 4]),
  }
  const bytes = writeSafetensors(tensors, { note: 'ü' })
  expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0)
  const read = readSafetensors(bytes)
  expect(read.metadata).toEqual({ note: 'ü' })
  expect(toFloat32(read.tensors.b)).toEqual(tensors.b.data)
  expect([...read.tensors.a.bytes]).toEqual([1, 2, 3])
  expect(read.tensors.empty.shape).toEqual([0, 4])
  expect(writeSafetensors(Object.fromEntries(Object.entries(tensors).reverse()), { note: 'ü' })).toEqual(bytes)
})

test('reads from any offset of a larger buffer, and keeps no view of it', () => {
  const bytes = writeSafetensors({ a: floatTensor([1], Float32Array.of(7)) })
  const shifted = new Uint8Array(bytes.length + 3)
  shifted.set(bytes, 3)
  const read = toFloat32(readSafetensors(Buffer.from(shifted.buffer, 3)).tensors.a)
  shifted.fill(0)
  expect([...read]).toEqual([7])
})

test('half precisions are widened: every one of the 65,536 fp16 patterns', () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i)
  const bytes = new Uint8Array(bits.buffer)
  const wide = toFloat32({ dtype: 'F16', shape: [65536], bytes })
  // The engine's own half type, an implementation apart from ours.
  expect(wide).toEqual(Float32Array.from(new Float16Array(bits.buffer)))
  const brain = toFloat32({ dtype: 'BF16', shape: [3], bytes: new Uint8Array(Uint16Array.of(0x3f80, 0xc000, 0x7f80).buffer) })
  expect([...brain]).toEqual([1, -2, Infinity])
  expect(toIntegers({ dtype: 'I64', shape: [2], bytes: new Uint8Array(BigInt64Array.of(-5n, 7n).buffer) })).toEqual([-5, 7])
  expect(() => toFloat32({ dtype: 'I64', shape: [0], bytes: new Uint8Array(0) })).toThrow(expect.objectContaining({ code: 'tensor_dtype' }))
})

test.each<[string, Uint8Array, string]>([
  ['a text', new TextEncoder().encode('{"text": "a row"}\r\n'), 'it is a text'],
  ['a text of other letters', new TextEncoder().encode('Äpfel und Öl\n'), 'it is a text'],
  ['a text whose eighth byte begins a letter', new TextEncoder().encode('Kapitel\u00e4'), 'it is a text'],
  ['bytes that are all ones', new Uint8Array(64).fill(0xff), 'its header claims 18446744073709552000 bytes'],
  ['a letter that is cut in the middle', Uint8Array.of(0x61, 0xc3, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61), 'its header claims'],
  ['a byte that no text has', new TextEncoder().encode('abc\u0000defghij'), 'its header claims'],
])('%s where a header was expected', (_, bytes, told) => {
  expect(() => readSafetensors(bytes)).toThrow(expect.objectContaining({ code: 'file_invalid', message: expect.stringContaining(told) }))
})

describe('strictness', () => {
  const four = new Uint8Array(4)
  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'file_truncated'],
    ['a text', new TextEncoder().encode('{"text": "a row of a training file"}\n'), 'file_invalid'],
    ['seven bytes', new Uint8Array(7), 'file_truncated'],
    ['an empty header', file('', undefined, 0n), 'file_invalid'],
    ['a header longer than the file', file({}, undefined, 1000n), 'file_truncated'],
    ['a header longer than is read', file({}, undefined, BigInt(maxHeaderBytes) + 1n), 'file_invalid'],
    ['a header of 2^63 bytes', file({}, undefined, 2n ** 63n), 'file_invalid'],
    ['a header that is not JSON', file('{"a":'), 'file_invalid'],
    ['a header that is a list', file('[]'), 'file_invalid'],
    [
      'one name twice',
      file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', four),
      'file_invalid',
    ],
    [
      'one name twice, escaped',
      file(String.raw`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\u0061":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}`, four),
      'file_invalid',
    ],
    ['a key of an entry twice', file('{"a":{"dtype":"F32","dtype":"U8","shape":[4],"data_offsets":[0,4]}}', four), 'file_invalid'],
    ['a type of unknown size', file({ a: entry('X7', [4], 0, 4) }, four), 'tensor_dtype'],
    ['a Git LFS pointer', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12345\n'), 'git_lfs_pointer'],
    ['an unknown dtype', file({ a: entry('F8_E4M3', [4], 0, 4) }, four), 'tensor_dtype'],
    ['a missing field', file({ a: { dtype: 'F32', shape: [1] } }, four), 'file_invalid'],
    ['a negative size', file({ a: entry('F32', [-1], 0, 4) }, four), 'file_invalid'],
    ['a fractional size', file({ a: entry('F32', [0.5], 0, 4) }, four), 'file_invalid'],
    ['offsets that do not fit the shape', file({ a: entry('F32', [2], 0, 4) }, four), 'file_invalid'],
    ['a size that overflows', file({ a: entry('F32', [2 ** 40, 2 ** 40], 0, 4) }, four), 'file_invalid'],
    ['offsets beyond the end', file({ a: entry('F32', [2], 0, 8) }, four), 'file_truncated'],
    ['overlapping tensors', file({ a: entry('F32', [1], 0, 4), b: entry('U8', [2], 2, 4) }, four), 'file_invalid'],
    ['a hole', file({ a: entry('U8', [1], 0, 1), b: entry('U8', [2], 2, 4) }, four), 'file_invalid'],
    ['a beginning after the start', file({ a: entry('U8', [2], 2, 4) }, four), 'file_invalid'],
    ['bytes after the end', file({ a: entry('U8', [2], 0, 2) }, four), 'file_invalid'],
    ['metadata that is not strings', file({ __metadata__: { a: 1 } }), 'file_invalid'],
  ])('%s is refused', (_, bytes, code) => {
    expect(() => readSafetensors(bytes)).toThrow(expect.objectContaining({ code, status: 422 }))
  })

  test('names may hold quotes, braces and colons', () => {
    const names = ['a"b', '{"a":1}', 'a:', '\\', '"']
    const bytes = writeSafetensors(Object.fromEntries(names.map((name) => [name, floatTensor([1])])))
    expect(Object.keys(readSafetensors(bytes).tensors).sort()).toEqual([...names].sort())
  })

  test('megabytes of escapes in the metadata are read, not stumbled over', () => {
    const note = 'x"\\'.repeat(500_000)
    expect(readSafetensors(writeSafetensors({ a: floatTensor([1]) }, { note })).metadata.note.length).toBe(note.length)
  })

  test('a name that every object has is a name like others', () => {
    const bytes = writeSafetensors({ toString: floatTensor([1]), constructor: floatTensor([1]) })
    expect(Object.keys(readSafetensors(bytes).tensors).sort()).toEqual(['constructor', 'toString'])
  })
})

import { existsSync, readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { type DType, OrtError, openRuntime } from '../index.ts'
import { koffi } from '../native/koffi.ts'

const ort = openRuntime()
afterAll(() => {
  ort.dispose()
  expect(ort.live).toEqual({})
})

const codeOf = (act: () => unknown) => {
  try {
    act()
  } catch (error) {
    if (error instanceof OrtError) return error.code
    throw error
  }
  return 'nothing thrown'
}

test.each<[DType, string, number]>([
  ['float32', 'Float32Array', 4],
  ['float64', 'Float64Array', 8],
  ['float16', 'Float16Array', 2],
  ['bfloat16', 'Uint16Array', 2],
  ['int8', 'Int8Array', 1],
  ['int16', 'Int16Array', 2],
  ['int32', 'Int32Array', 4],
  ['int64', 'BigInt64Array', 8],
  ['uint8', 'Uint8Array', 1],
  ['uint16', 'Uint16Array', 2],
  ['uint32', 'Uint32Array', 4],
  ['uint64', 'BigUint64Array', 8],
  ['bool', 'Uint8Array', 1],
])('%s is a zeroed %s on a boundary of 64 bytes', (dtype, array, width) => {
  using tensor = ort.tensor(dtype, [2, 3])
  expect(tensor.data.constructor.name).toBe(array)
  expect(tensor.bytes).toEqual(new Uint8Array(6 * width))
  expect((koffi.address(tensor.data.buffer) + BigInt(tensor.data.byteOffset)) & 63n).toBe(0n)
})

test('a source is copied, from a typed array, from numbers, and from the bits of a float16', () => {
  const source = Float32Array.of(1, 2, 3)
  using tensor = ort.tensor('float32', [3], source)
  source[0] = 9
  expect([...tensor.data]).toEqual([1, 2, 3])
  using long = ort.tensor('int64', [2], [1n, -1n])
  expect(long.data).toEqual(BigInt64Array.of(1n, -1n))
  using half = ort.tensor('float16', [2], Uint16Array.of(0x3c00, 0xc000))
  expect([...half.data]).toEqual([1, -2])
})

test('a mapped tensor has what was written to it, whether its pages are in memory or not, and so have its views', () => {
  const tensor = ort.mappedTensor('float32', [256, 256])
  expect(tensor.data.every((value) => value === 0)).toBe(true)
  tensor.data.set(Float32Array.from({ length: tensor.size }, (_, i) => i))
  using row = tensor.view(255 * 256, [256])
  tensor.evict()
  expect(tensor.data[300]).toBe(300)
  row.evict()
  expect(row.data[255]).toBe(65535)
  const { data } = tensor
  tensor.dispose()
  expect(row.data[0]).toBe(65280)
  row.dispose()
  expect(data.length).toBe(0)
})

test('a tensor in huge pages is zeros, which Linux is told to put into such', () => {
  using tensor = ort.hugeTensor('float32', [2 ** 20])
  expect(tensor.data.every((value) => value === 0)).toBe(true)
  tensor.data[5] = 7
  using part = tensor.view(4, [2])
  expect([...part.data]).toEqual([0, 7])
  if (process.platform !== 'linux') return
  const mapped = readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
  const address = koffi.address(tensor.data.buffer)
  const found = mapped.find((lines) => {
    const [from, to] = lines
      .split(' ', 1)[0]!
      .split('-')
      .map((at) => BigInt(`0x${at}`))
    return from! <= address && address < to!
  })
  if (existsSync('/sys/kernel/mm/transparent_hugepage')) expect(found).toMatch(/^VmFlags:.* hg/m)
})

test('a small mapped tensor is plain memory', () => {
  using tensor = ort.mappedTensor('int32', [4])
  tensor.data[3] = 7
  tensor.evict()
  expect([...tensor.data]).toEqual([0, 0, 0, 7])
})

test('an adopted array is not copied, and stays when the tensor goes', () => {
  const source = new Float32Array(100).fill(7)
  const tensor = ort.adopt('float32', [10, 10], source)
  source[99] = 8
  expect(tensor.data[99]).toBe(8)
  tensor.dispose()
  expect(source[99]).toBe(8)
})

test('a view shares memory and outlives its owner', () => {
  const owner = ort.tensor(
    'float32',
    [4, 3],
    Float32Array.from({ length: 12 }, (_, i) => i),
  )
  const row = owner.view(6, [1, 3])
  row.data[0] = 60
  expect(owner.data[6]).toBe(60)
  const again = row.reshape([3])
  owner.dispose()
  row.dispose()
  expect([...again.data]).toEqual([60, 7, 8])
  const { data } = again
  again.dispose()
  expect(data.length).toBe(0)
})

test('read copies, write checks', async () => {
  using tensor = ort.tensor('int32', [2])
  await tensor.write([5, 6])
  const copy = await tensor.read()
  tensor.data[0] = 0
  expect([...copy]).toEqual([5, 6])
  await expect(tensor.write([1])).rejects.toMatchObject({ code: 'data_mismatch' })
})

test('an empty tensor and a scalar are tensors', () => {
  using empty = ort.tensor('float32', [0, 5])
  using scalar = ort.tensor('float32', [], [3])
  expect([empty.size, scalar.size, scalar.data[0]]).toEqual([0, 1, 3])
})

test('what is wrong has a code', () => {
  using tensor = ort.tensor('float32', [4])
  expect(codeOf(() => ort.tensor('float31' as DType, [1]))).toBe('unknown_dtype')
  expect(codeOf(() => ort.tensor('float32', [-1]))).toBe('bad_shape')
  expect(codeOf(() => ort.tensor('float32', [1.5]))).toBe('bad_shape')
  expect(codeOf(() => ort.tensor('float32', [2], [1, 2, 3]))).toBe('data_mismatch')
  expect(codeOf(() => ort.tensor('float32', [2], new Float64Array(2) as never))).toBe('data_mismatch')
  expect(codeOf(() => tensor.view(3, [2]))).toBe('view_out_of_range')
  expect(codeOf(() => tensor.view(-1, [2]))).toBe('view_out_of_range')
  expect(codeOf(() => tensor.reshape([5]))).toBe('view_out_of_range')
})

test('disposing twice is harmless, using afterwards is not', () => {
  const tensor = ort.tensor('float32', [4])
  tensor.dispose()
  tensor.dispose()
  expect(codeOf(() => tensor.data)).toBe('disposed')
  expect(codeOf(() => tensor.bytes)).toBe('disposed')
  expect(codeOf(() => tensor.view(0, [1]))).toBe('disposed')
})

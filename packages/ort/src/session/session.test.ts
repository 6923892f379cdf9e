import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { dense, floats } from '../../test/models.ts'
import { onnxModel } from '../../test/onnx-model.ts'
import { openRuntime, type SessionOptions } from '../index.ts'

const ort = openRuntime()
const folder = mkdtempSync(join(tmpdir(), 'weft-ort-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
  ort.dispose()
  expect(ort.live).toEqual({})
})

/** dense([1, 1, 1]) */
const expected = [19, 32]

function run(model: Uint8Array | string, options?: SessionOptions): number[] {
  using session = ort.session(model, options)
  using x = ort.tensor('float32', [1, 3], [1, 1, 1])
  using y = ort.tensor('float32', [1, 2])
  using binding = session.bind({ inputs: { x }, outputs: { y } })
  binding.runSync()
  return [...y.data]
}

test('inputs and outputs come with type and shape, symbolic sizes by name', () => {
  using session = ort.session(
    onnxModel({
      inputs: [
        { name: 'ids', dtype: 'int64', shape: ['batch', 'tokens'] },
        { name: 'scale', dtype: 'float16', shape: [] },
      ],
      outputs: [
        { name: 'out', dtype: 'int64', shape: ['batch', 'tokens'] },
        { name: 'same', dtype: 'float16', shape: [] },
      ],
      nodes: [
        { op: 'Identity', inputs: ['ids'], outputs: ['out'] },
        { op: 'Identity', inputs: ['scale'], outputs: ['same'] },
      ],
    }),
  )
  expect(session.inputs).toEqual([
    { name: 'ids', dtype: 'int64', shape: ['batch', 'tokens'] },
    { name: 'scale', dtype: 'float16', shape: [] },
  ])
  expect(session.outputs).toEqual([
    { name: 'out', dtype: 'int64', shape: ['batch', 'tokens'] },
    { name: 'same', dtype: 'float16', shape: [] },
  ])
})

test('a model comes as bytes or as a path, made here or on another thread', async () => {
  const path = join(folder, 'dense.onnx')
  writeFileSync(path, dense())
  expect(run(dense())).toEqual(expected)
  expect(run(path)).toEqual(expected)
  for (const model of [dense(), path]) {
    using session = await ort.load(model)
    expect(session.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: ['B', 3] }])
  }
})

test.each<[string, SessionOptions]>([
  ['threads', { threads: 2, spinning: true }],
  ['arena', { arena: true }],
  ['shared arena', { arena: 'shared' }],
  ['no memory pattern', { arena: true, memoryPattern: false }],
  ['prepack', { prepack: false }],
  ['deterministic', { deterministic: true }],
  ['none', { optimization: 'none' }],
  ['basic', { optimization: 'basic' }],
  ['layout', { optimization: 'layout' }],
  ['config', { config: { 'session.set_denormal_as_zero': '1' } }],
  ['free dimension', { freeDimensions: { B: 1 } }],
])('options change no number: %s', (_, options) => {
  expect(run(dense(), options)).toEqual(expected)
})

test('a free dimension that is fixed shows in the metadata', () => {
  using session = ort.session(dense(), { freeDimensions: { B: 4 } })
  expect(session.inputs[0]!.shape).toEqual([4, 3])
})

test('half precision is computed and read as such', () => {
  using session = ort.session(
    onnxModel({
      inputs: [{ name: 'x', dtype: 'float16', shape: [3] }],
      outputs: [
        { name: 'y', dtype: 'float32', shape: [3] },
        { name: 'same', dtype: 'float16', shape: [3] },
      ],
      nodes: [
        { op: 'Cast', inputs: ['x'], outputs: ['y'], ints: { to: 1 } },
        { op: 'Identity', inputs: ['x'], outputs: ['same'] },
      ],
    }),
  )
  using x = ort.tensor('float16', [3], [1.5, -2, 65504])
  using y = ort.tensor('float32', [3])
  using same = ort.tensor('float16', [3])
  using binding = session.bind({ inputs: { x }, outputs: { y, same } })
  binding.runSync()
  expect([[...y.data], [...same.data]]).toEqual([
    [1.5, -2, 65504],
    [1.5, -2, 65504],
  ])
})

test('weights are read out of a file under the folder, by offset', () => {
  writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([Buffer.alloc(64, 0xff), floats(1, 2, 3, 4, 5, 6)]))
  expect(run(dense({ file: 'model.safetensors', offset: 64, length: 24 }), { externalDataFolder: folder })).toEqual(expected)
})

test('a device tensor of a session on the CPU is CPU memory', () => {
  using session = ort.session(dense())
  using tensor = session.deviceTensor('float32', [2])
  expect(tensor.device).toBe('cpu')
  expect([...tensor.data]).toEqual([0, 0])
})

test("ONNX Runtime's own failures carry its message", async () => {
  expect(() => ort.session(new Uint8Array([1, 2, 3]))).toThrow(
    expect.objectContaining({ code: 'ort_invalid_protobuf', message: expect.stringContaining('protobuf parsing failed') }),
  )
  expect(() => ort.session(join(folder, 'absent.onnx'))).toThrow(
    expect.objectContaining({ code: 'ort_no_such_file', message: expect.stringContaining('absent.onnx') }),
  )
  await expect(ort.load(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({ code: 'ort_invalid_protobuf' })
  const unknownOp = onnxModel({
    inputs: [{ name: 'x', shape: [1] }],
    outputs: [{ name: 'y', shape: [1] }],
    nodes: [{ op: 'Unheard', inputs: ['x'], outputs: ['y'] }],
  })
  expect(() => ort.session(unknownOp)).toThrow(expect.objectContaining({ message: expect.stringContaining('Unheard') }))
})

test('a disposed session refuses, twice disposing is harmless', () => {
  const session = ort.session(dense())
  session.dispose()
  session.dispose()
  expect(() => session.bind({ inputs: {}, outputs: {} })).toThrow(expect.objectContaining({ code: 'disposed' }))
  expect(() => session.readProfile()).toThrow(expect.objectContaining({ code: 'disposed' }))
})

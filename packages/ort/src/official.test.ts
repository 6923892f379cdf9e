import official from 'onnxruntime-node'
import { afterAll, expect, test } from 'vitest'
import { attention, dense, noise } from '../test/models.ts'
import { onnxModel } from '../test/onnx-model.ts'
import { type DType, openRuntime, type TypedArray } from './index.ts'

/** The oracle: the same library through its own binding. Same model, same feeds, the same numbers to the last bit. */
type Feeds = Record<string, { dtype: DType; shape: number[]; data: TypedArray }>

const ort = openRuntime()
afterAll(() => {
  ort.dispose()
  expect(ort.live).toEqual({})
})

async function theirs(model: Uint8Array, feeds: Feeds): Promise<Record<string, unknown>> {
  const session = await official.InferenceSession.create(model, { intraOpNumThreads: 1 })
  const inputs = Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, shape, data }]) => [name, new official.Tensor(dtype as 'float32', data as Float32Array, shape)]),
  )
  const results = await session.run(inputs)
  const outputs = Object.fromEntries(Object.entries(results).map(([name, { data, dims }]) => [name, { data: [...(data as Float32Array)], shape: [...dims] }]))
  await session.release()
  return outputs
}

async function ours(model: Uint8Array, feeds: Feeds, shapes: Record<string, number[]>) {
  using session = ort.session(model, { threads: 1 })
  const inputs = Object.fromEntries(Object.entries(feeds).map(([name, { dtype, shape, data }]) => [name, ort.tensor(dtype, shape, data as never)]))
  const outputs = Object.fromEntries(session.outputs.map(({ name, dtype }) => [name, ort.tensor(dtype as DType, shapes[name]!)]))
  using binding = session.bind({ inputs, outputs })
  await binding.run()
  const results = Object.fromEntries(Object.entries(outputs).map(([name, { data, shape }]) => [name, { data: [...(data as Float32Array)], shape: [...shape] }]))
  for (const tensor of [...Object.values(inputs), ...Object.values(outputs)]) tensor.dispose()
  return results
}

const float = (shape: number[], seed: number) => ({
  dtype: 'float32' as const,
  shape,
  data: noise(
    shape.reduce((a, b) => a * b, 1),
    seed,
  ),
})

test('a dense layer', async () => {
  const feeds = { x: float([7, 3], 1) }
  expect(await ours(dense(), feeds, { y: [7, 2] })).toEqual(await theirs(dense(), feeds))
})

test('normalization, softmax and products of other shapes', async () => {
  const model = onnxModel({
    inputs: [
      { name: 'x', shape: ['B', 'T', 16] },
      { name: 'scale', shape: [16] },
    ],
    outputs: [
      { name: 'scores', shape: ['B', 'T', 'T'] },
      { name: 'best', dtype: 'int64', shape: ['B', 'T', 1] },
    ],
    nodes: [
      { op: 'LayerNormalization', inputs: ['x', 'scale'], outputs: ['n'] },
      { op: 'MatMul', inputs: ['n', 'w'], outputs: ['q'] },
      { op: 'Transpose', inputs: ['n'], outputs: ['k'], lists: { perm: [0, 2, 1] } },
      { op: 'MatMul', inputs: ['q', 'k'], outputs: ['logits'] },
      { op: 'Softmax', inputs: ['logits'], outputs: ['scores'], ints: { axis: -1 } },
      { op: 'ArgMax', inputs: ['scores'], outputs: ['best'], ints: { axis: -1, keepdims: 1 } },
    ],
    weights: [{ name: 'w', shape: [16, 16], data: new Uint8Array(noise(256, 3).buffer) }],
  })
  const feeds = { x: float([2, 5, 16], 4), scale: float([16], 5) }
  expect(await ours(model, feeds, { scores: [2, 5, 5], best: [2, 5, 1] })).toEqual(await theirs(model, feeds))
})

test('GroupQueryAttention with a cache', async () => {
  const feeds = {
    query: float([2, 1, 16], 1),
    key: float([2, 1, 8], 2),
    value: float([2, 1, 8], 3),
    past_key: float([2, 1, 6, 8], 4),
    past_value: float([2, 1, 6, 8], 5),
    seqlens_k: { dtype: 'int32' as const, shape: [2], data: Int32Array.of(3, 5) },
    total: { dtype: 'int32' as const, shape: [1], data: Int32Array.of(6) },
  }
  expect(await ours(attention(6), feeds, { out: [2, 1, 16], present_key: [2, 1, 6, 8], present_value: [2, 1, 6, 8] })).toEqual(
    await theirs(attention(6), feeds),
  )
})

test.each<[DType, TypedArray]>([
  ['float64', Float64Array.of(1.5, -2, 1e300)],
  ['int32', Int32Array.of(1, -2, 2 ** 31 - 1)],
  ['int64', BigInt64Array.of(1n, -2n, 2n ** 62n)],
  ['uint8', Uint8Array.of(0, 128, 255)],
  ['bool', Uint8Array.of(0, 1, 1)],
])('%s passes through unchanged', async (dtype, data) => {
  const model = onnxModel({
    inputs: [{ name: 'x', dtype, shape: [3] }],
    outputs: [{ name: 'y', dtype, shape: [3] }],
    nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
  })
  const feeds = { x: { dtype, shape: [3], data } }
  const result = await ours(model, feeds, { y: [3] })
  expect(result.y!.data).toEqual([...(data as Float32Array)])
  expect(result).toEqual(await theirs(model, feeds))
})

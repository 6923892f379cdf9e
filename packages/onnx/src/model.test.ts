import { GraphBuilder } from '@weft/graph'
import { expect, test } from 'vitest'
import { encodeModel } from './index.ts'
import { ModelProto } from './schema.ts'

const decode = (bytes: Uint8Array) => ModelProto.toObject(ModelProto.decode(bytes), { longs: Number }) as any

test('weights point into their files, or wait for the session', () => {
  const g = new GraphBuilder('g')
  const x = g.input('x', 'float32', ['B', 4])
  g.output('y', g.gemm(g.gemm(x, g.weight('a', [4, 4])), g.weight('b', [4, 4], 'float32')))
  const { graph } = decode(
    encodeModel(g.build(), { externalData: (name) => (name === 'a' ? { location: 'model.safetensors', offset: 128, length: 64 } : undefined) }),
  )
  expect(graph.initializer).toEqual([
    {
      name: 'a',
      dims: [4, 4],
      data_type: 1,
      data_location: 1,
      external_data: [
        { key: 'location', value: 'model.safetensors' },
        { key: 'offset', value: '128' },
        { key: 'length', value: '64' },
      ],
    },
    { name: 'b', dims: [4, 4], data_type: 1, data_location: 1, external_data: [{ key: 'location', value: '.' }] },
  ])
})

test("names, opsets and types are ONNX's", () => {
  const g = new GraphBuilder('named')
  const x = g.input('x', 'float32', ['B', 8])
  g.output(
    'y',
    g.scope('norm', () => g.rmsNormalization(x, g.weight('w', [8]))),
  )
  const model = decode(encodeModel(g.build()))
  expect(model.ir_version).toBe(11)
  expect(model.opset_import).toEqual([
    { domain: '', version: 23 },
    { domain: 'com.microsoft', version: 1 },
  ])
  expect(model.graph.node[0]).toMatchObject({ name: '/norm/RmsNormalization', op_type: 'RMSNormalization', input: ['x', 'w'], output: ['y'] })
  expect(model.graph.input[0].type.tensor_type.shape.dim).toEqual([{ dim_param: 'B' }, { dim_value: 8 }])
})

test('static graphs compute no sizes; symbolic ones only what Reshape cannot keep', () => {
  const build = (B: number | string, T: number | string) => {
    const g = new GraphBuilder('g')
    const x = g.input('x', 'float32', [B, T, 6])
    const rows = g.reshape(x, [typeof B === 'number' && typeof T === 'number' ? B * T : `${B}*${T}`, 6])
    g.output('y', g.reshape(g.exp(rows), [B, T, 2, 3]))
    return decode(encodeModel(g.build())).graph.node.map((node: { op_type: string }) => node.op_type)
  }
  expect(build(2, 3)).toEqual(['Reshape', 'Exp', 'Reshape'])
  expect(build(2, 'T')).toEqual(['Reshape', 'Exp', 'Reshape'])
  expect(build('B', 'T')).toEqual(['Shape', 'Shape', 'Concat', 'Reshape', 'Exp', 'Reshape'])
})

test('a weight of symbolic size, or a size that no input has, is an error', () => {
  const g = new GraphBuilder('g')
  g.output('y', g.neg(g.weight('w', ['N'])))
  expect(() => encodeModel(g.build())).toThrow("Weight 'w' has shape [N]. A weight's sizes must be numbers.")
  const h = new GraphBuilder('h')
  h.output('y', h.expand(h.constant(1), ['N', 'N']))
  expect(() => encodeModel(h.build())).toThrow("The size 'N' is in no input's shape")
})

test('outputs that nothing reads are left out where they may be', () => {
  const build = (extra: boolean) => {
    const g = new GraphBuilder('g')
    const x = g.input('x', 'float32', [2, 4])
    const y = g.layerNormalization(x, g.weight('w', [4]), g.weight('b', [4]))
    g.output('y', y)
    if (extra) g.output('inverse', y.node!.outputs[2])
    return decode(encodeModel(g.build())).graph.node[0]
  }
  expect(build(false).output).toEqual(['y'])
  expect(build(true).output).toEqual(['y', '', 'inverse'])
})

test('fused attention is written in its domain, its bias at its place', () => {
  const g = new GraphBuilder('g')
  const f = (name: string, shape: (number | string)[]) => g.input(name, 'float32', shape)
  const [output] = g.groupQueryAttention(
    {
      query: f('query', ['B', 'T', 32]),
      key: f('key', ['B', 'T', 16]),
      value: f('value', ['B', 'T', 16]),
      pastKey: f('past_key', ['B', 2, 'S', 8]),
      pastValue: f('past_value', ['B', 2, 'S', 8]),
      seqlensK: g.input('seqlens_k', 'int32', ['B']),
      totalSequenceLength: g.input('total', 'int32', [1]),
      attentionBias: f('bias', ['B', 1, 'T', 'S']),
    },
    { numHeads: 4, kvNumHeads: 2 },
  )
  g.output('output', output)
  const [node] = decode(encodeModel(g.build())).graph.node
  expect(node.domain).toBe('com.microsoft')
  expect(node.input).toEqual(['query', 'key', 'value', 'past_key', 'past_value', 'seqlens_k', 'total', '', '', '', 'bias'])
})

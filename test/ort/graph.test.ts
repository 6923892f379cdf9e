import { GraphBuilder, interpret, type Tensors } from '@weft/graph'
import { encodeModel } from '@weft/onnx'
import { openRuntime } from '@weft/ort'
import { expect, test } from 'vitest'

const floats = (length: number, seed: number) => Float32Array.from({ length }, (_, i) => Math.sin(seed + i * 1.7))

test('a graph whose weights the session brings computes what the interpreter does', async () => {
  const g = new GraphBuilder('block')
  const x = g.input('x', 'float32', ['B', 8])
  const norm = g.rmsNormalization(x, g.weight('norm.weight', [8]), { epsilon: 1e-5 })
  // Folded ahead of the run, from the bytes that the session brings.
  const up = g.matMul(norm, g.transpose(g.weight('up.weight', [16, 8]), [1, 0]))
  g.output('y', g.add(x, g.matMul(g.mul(up, g.sigmoid(up)), g.weight('down.weight', [16, 8]))))
  const graph = g.build()

  const values = { 'norm.weight': [[8], floats(8, 1)], 'up.weight': [[16, 8], floats(128, 2)], 'down.weight': [[16, 8], floats(128, 3)] } as const
  using ort = openRuntime()
  using weights = ort.weights()
  for (const [name, [shape, data]] of Object.entries(values)) weights.set(name, ort.tensor('float32', shape, data))
  using session = await ort.load(encodeModel(graph), { weights })
  expect(session.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: ['B', 8] }])

  const data = floats(24, 4)
  using input = ort.tensor('float32', [3, 8], data)
  using output = ort.tensor('float32', [3, 8])
  using binding = session.bind({ inputs: { x: input }, outputs: { y: output } })
  await binding.run()

  const held: Tensors = Object.fromEntries(Object.entries(values).map(([name, [shape, of]]) => [name, { dtype: 'float32', shape: [...shape], data: of }]))
  const expected = interpret(graph, { x: { dtype: 'float32', shape: [3, 8], data } }, held).y!.data as Float32Array
  expect(Math.max(...expected.map((value, i) => Math.abs(value - output.data[i]!)))).toBeLessThan(1e-5)
})

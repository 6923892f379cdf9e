import { type DType, type Graph, interpret, ops, type TensorData, type Tensors } from '@weft/graph'
import { encodeModel } from '@weft/onnx'
import { hasIntegerProducts } from '@weft/ort'
import * as ort from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { caseGraph, difference, gradientGraph, hasSymbols, type OpCase } from './cases/op-case.ts'
import { opFamilies } from './cases/ops/index.ts'

/** Runs a graph's model in ONNX Runtime, through its official binding. */
async function runModel(graph: Graph, feeds: Tensors): Promise<{ [output: string]: TensorData }> {
  const session = await ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 })
  try {
    const given = Object.fromEntries(
      graph.inputs.map(({ name }) => {
        const { dtype, shape, data } = feeds[name]
        return [name, new ort.Tensor(dtype as 'float32', data as Float32Array, shape)]
      }),
    )
    const results = await session.run(given)
    return Object.fromEntries(
      Object.entries(results).map(([name, { type, dims, data }]) => [name, { dtype: type as DType, shape: dims, data: data as Float32Array }]),
    )
  } finally {
    await session.release()
  }
}

async function agree(graph: Graph, { inputs, precision = 1e-5 }: OpCase): Promise<void> {
  const [ours, theirs] = [interpret(graph, inputs), await runModel(graph, inputs)]
  for (const { name } of graph.outputs) {
    expect(theirs[name].dtype).toBe(ours[name].dtype)
    expect(theirs[name].shape).toEqual(ours[name].shape)
    expect(difference(theirs[name], ours[name]), name).toBeLessThan(precision)
  }
}

describe.each(Object.entries(opFamilies))('%s in ONNX Runtime', (_, cases) => {
  for (const c of cases)
    test.skipIf(c.byteProducts && !hasIntegerProducts())(c.name, async () => {
      await agree(caseGraph(c), c)
      if (hasSymbols(c)) await agree(caseGraph(c, true), c)
      const differentiated = gradientGraph(c)
      if (differentiated) await agree(differentiated, c)
    })
})

test('every op has a case', () => {
  const used = new Set(
    Object.values(opFamilies)
      .flat()
      .flatMap((c) => caseGraph(c).nodes.map((node) => node.op)),
  )
  expect(Object.keys(ops).filter((op) => !used.has(op as keyof typeof ops))).toEqual([])
})

/** Ops and their gradients on the webgpu device, all in one graph, nothing on the CPU; prints each output's difference to the interpreter. */
import { gradients } from '@weft/autodiff'
import { GraphBuilder, interpret, type Tensors, type Value } from '@weft/graph'
import { encodeModel } from '@weft/onnx'
import { openRuntime } from '@weft/ort'
import { caseGraph, difference, differentiable, type OpCase } from '../cases/op-case.ts'
import { indexingCases } from '../cases/ops/indexing.ts'
import { transformerCases } from '../cases/ops/transformer.ts'

// The rest are ops with kernels of their own; these are the ones that are lowered around what WebGPU lacks.
const cases: readonly OpCase[] = [...indexingCases, ...transformerCases]

const g = new GraphBuilder('webgpu')
const feeds: { [name: string]: Tensors[string] } = {}
const titles = new Map<string, string>()
cases.forEach((c, n) => {
  const values = Object.fromEntries(
    Object.entries(c.inputs).map(([name, tensor]) => {
      feeds[`${name}.${n}`] = tensor
      return [name, g.input(`${name}.${n}`, tensor.dtype, tensor.shape)]
    }),
  )
  const ys = ([c.build(g, values)].flat() as Value[]).filter((y) => y.dtype === 'float32')
  const loss = ys.map((y) => g.reduceSum(g.mul(y, y), { keepdims: false })).reduce((a, b) => g.add(a, b))
  const wrt = differentiable(c, caseGraph(c))
  const results = [
    ...ys,
    ...gradients(
      g,
      loss,
      wrt.map((name) => values[name]),
    ),
  ]
  results.forEach((y, i) => {
    const name = `out.${n}.${i}`
    titles.set(name, `${c.name}: ${i < ys.length ? `output ${i}` : `gradient by ${wrt[i - ys.length]}`}`)
    g.output(name, y)
  })
})
const graph = g.build()
const expected = interpret(graph, feeds)

using ort = openRuntime()
using session = ort.session(encodeModel(graph), { device: 'webgpu', disableCpuFallback: true })
const inputs = Object.fromEntries(
  graph.inputs.map(({ name, dtype }) => [name, ort.tensor(dtype as 'float32', feeds[name].shape, feeds[name].data as Float32Array)]),
)
const outputs = Object.fromEntries(graph.outputs.map(({ name, value }) => [name, ort.tensor(value.dtype as 'float32', value.shape as number[])]))
using binding = session.bind({ inputs, outputs })
await binding.run()
console.log(
  JSON.stringify(
    Object.fromEntries(
      graph.outputs.map(({ name, value }) => [
        titles.get(name),
        difference({ dtype: value.dtype, shape: value.shape as number[], data: outputs[name].data }, expected[name]),
      ]),
    ),
  ),
)

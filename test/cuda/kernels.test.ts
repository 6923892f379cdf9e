import { GraphBuilder } from '@weft/graph'
import { inPrecision } from '@weft/model'
import { expect, test } from 'vitest'
import { type Emitted, inferenceGraphs, opsOfPlugins, tinyModels, trainingGraphs } from './emitted-graphs.ts'
import { nodesWithoutKernel } from './nodes-without-kernel.ts'

/** The nodes without a kernel, with one graph that has each. */
function gaps(graphs: Iterable<Emitted>): { count: number; missing: Record<string, string> } {
  const missing: Record<string, string> = {}
  let count = 0
  for (const { name, graph, model } of graphs) {
    count++
    for (const node of nodesWithoutKernel(inPrecision(graph, model))) missing[node] ??= name
  }
  return { count, missing }
}

test.each(['float32', 'float16', 'bfloat16'] as const)('every graph that we emit in %s has a CUDA kernel for each of its nodes', (compute) => {
  const models = tinyModels(compute)
  // Attention over a cache: fused where there is a kernel for the type, in products where not.
  const fused = compute === 'float32' ? [] : [...inferenceGraphs(models, 'fused')]
  const { count, missing } = gaps([...trainingGraphs(models), ...fused, ...inferenceGraphs(models, 'products'), opsOfPlugins(models)])
  expect(missing).toEqual({})
  expect(count).toBeGreaterThan(200)
})

test('what has no kernel is found: fused attention in float32, and arithmetic in bfloat16 that is no island', () => {
  expect(Object.keys(gaps(inferenceGraphs(tinyModels('float32'), 'fused')).missing)).toEqual(['com.microsoft.GroupQueryAttention 1 float32'])
  const ops = gaps([narrowed(tinyModels('float32'))])
  expect(Object.keys(ops.missing).sort()).toEqual(['Log 13 bfloat16', 'Pad 23 bfloat16', 'ReduceMax 20 bfloat16', 'ScatterND add 18 bfloat16'])
})

/** What `computeIn` never writes. */
function narrowed([[, model]]: ReturnType<typeof tinyModels>): Emitted {
  const g = new GraphBuilder('narrowed')
  const x = g.input('x', 'bfloat16', [2, 4])
  const added = g.scatterND(x, g.input('rows', 'int64', [2, 1]), x, { reduction: 'add' })
  for (const [i, value] of [g.log(x), g.pad(x, { pads: [0, 1, 0, 0] }), g.reduceMax(x), added].entries()) g.output(`y${i}`, value)
  return { name: 'narrowed', model, graph: g.build() }
}

import { GraphBuilder } from './builder.ts'
import { recordOf } from './ops/index.ts'
import type { Graph, Value } from './value.ts'

/** The same graph with every composite op expanded into the ops it stands for. What two expansions share is computed once. */
export function lower(graph: Graph): Graph {
  if (!graph.nodes.some((node) => recordOf(node.op).lower)) return graph
  const g = new GraphBuilder(graph.name)
  const mapped = new Map<Value, Value>()
  for (const x of graph.inputs) mapped.set(x, g.input(x.name, x.dtype, x.shape))
  for (const x of graph.weights) mapped.set(x, g.weight(x.name, x.shape, x.dtype))
  const now = (value: Value | undefined): Value | undefined => {
    if (value?.constant && !mapped.has(value)) {
      mapped.set(value, g.constant(value.constant.data, value.constant.shape, value.dtype))
    }
    return value && mapped.get(value)
  }
  for (const { op, name, inputs, attributes, outputs } of graph.nodes) {
    const record = recordOf(op)
    const place = name
      .split('/')
      .slice(1, record.lower ? undefined : -1)
      .join('/')
    const build = () => record.lower?.(g, inputs.map(now), attributes) ?? g.emit(op, inputs.map(now), attributes)
    const results = place ? g.scope(place, build) : build()
    results.forEach((result, i) => {
      mapped.set(outputs[i], result)
      if (!outputs[i].name.startsWith(name)) g.rename(result, outputs[i].name)
    })
  }
  for (const { name, value } of graph.outputs) g.output(name, now(value)!)
  return g.build()
}

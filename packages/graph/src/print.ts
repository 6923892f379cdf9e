import { formatShape } from './dim.ts'
import { numbers } from './dtype.ts'
import type { Attributes, Graph, Value } from './value.ts'

const type = ({ dtype, shape }: Value): string => `${dtype}${formatShape(shape)}`

function reference(value: Value | undefined): string {
  if (!value) return '_'
  if (!value.constant) return value.name
  const { data } = value.constant
  return data.length <= 4 ? `{${Array.from(numbers(value.constant))}}` : `{${type(value)}}`
}

function show(attributes: Attributes): string {
  const entries = Object.entries(attributes).filter(([, v]) => v !== undefined)
  return entries.length ? ` ${entries.map(([k, v]) => `${k}=${Array.isArray(v) ? `[${v}]` : v}`).join(' ')}` : ''
}

/** A graph as text, one line a node: `name: dtype[shape] = Op(inputs) attributes`. For people and snapshots. */
export function print(graph: Graph): string {
  return [
    `graph ${graph.name}`,
    ...graph.inputs.map((x) => `  input ${x.name}: ${type(x)}`),
    ...graph.weights.map((x) => `  weight ${x.name}: ${type(x)}`),
    ...graph.nodes.map(
      (node) =>
        `  ${node.outputs.map((x) => `${x.name.replace(/\/output_0$/, '')}: ${type(x)}`).join(', ')} = ` +
        `${node.op}(${node.inputs.map((x) => reference(x).replace(/\/output_0$/, '')).join(', ')})${show(node.attributes)}`,
    ),
    ...graph.outputs.map(({ name, value }) => `  output ${name} = ${reference(value).replace(/\/output_0$/, '')}`),
  ].join('\n')
}

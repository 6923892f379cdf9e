import { readFileSync } from 'node:fs'
import { type DType, type Graph, lower, type Node, recordOf, type Value } from '@weft/graph'
import { opset } from '@weft/onnx'

interface Kernels {
  /** The version of each op that an opset stands for. */
  since: Record<string, Record<string, number>>
  /** By op, those of other domains with it before them, and by range of versions. */
  kernels: Record<string, Record<string, readonly string[] | 'any'>>
}
const { since, kernels } = JSON.parse(readFileSync(new URL('kernels.json', import.meta.url), 'utf8')) as Kernels

/**
 * Every node of a graph that ONNX Runtime's CUDA provider has no kernel for at our opset and the node's types, as `op version type`.
 * The nodes that the encoder adds (`/sizes/…`) are not among them: they read the inputs' shapes on the host, where a Reshape or an Expand wants
 * what comes of it.
 */
export const nodesWithoutKernel = (graph: Graph): string[] => lower(graph).nodes.flatMap((node) => missing(node) ?? [])

function missing(node: Node): string | undefined {
  const form = recordOf(node.op).onnx?.(node.attributes, node.inputs as Value[]) ?? {}
  const type = form.type ?? node.op
  const op = `${form.domain ? `${form.domain}.` : ''}${type}${type === 'ScatterND' && node.attributes.reduction === 'add' ? ' add' : ''}`
  const version = form.domain ? 1 : since[opset][type]
  const dtype: DType | undefined = node.inputs[type === 'Where' ? 1 : 0]?.dtype
  const known = Object.entries(kernels[op] ?? {}).find(([range]) => covers(range, version))?.[1]
  return known && (known === 'any' || known.includes(dtype!)) ? undefined : `${op} ${version} ${dtype}`
}

/** As the provider matches them: an open range is its first version alone. */
function covers(range: string, version: number): boolean {
  const [from, to] = range.split('-').map(Number)
  return to === 0 ? version === from : from <= version && version <= to
}

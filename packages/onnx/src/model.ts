import { type Graph, lower, type OnnxOperand, onnxDType, recordOf, type Value } from '@weft/graph'
import { encodeAttributes } from './attributes.ts'
import { type ExternalLocation, Initializers, weightProto } from './initializers.ts'
import { ModelProto, type NodeProto } from './schema.ts'
import { Sizes } from './sizes.ts'

export interface EncodeOptions {
  /** Where a weight's bytes are. A weight without a location is expected from the session. */
  externalData?: (weightName: string) => ExternalLocation | undefined
  /** Declares weights as inputs, for tensors that lie on a device already: all sessions then share them. Default initializers. */
  weights?: 'initializers' | 'inputs'
}

/** Opset 23 is the first with RMSNormalization and RotaryEmbedding; IR version 11 goes with it. */
export const opset = 23
const irVersion = 11

/**
 * A graph as the bytes of an ONNX model. Composite ops are expanded; weights become initializers with external data, in
 * the order of their first mention, under the names they have in the graph; inputs and outputs keep theirs too.
 */
export function encodeModel(graph: Graph, { externalData, weights = 'initializers' }: EncodeOptions = {}): Uint8Array {
  const lowered = lower(graph)
  const initializers = new Initializers()
  const sizes = new Sizes(lowered, initializers)
  const names = new Map<Value, string>(lowered.outputs.map(({ name, value }) => [value, name]))
  const nameOf = (value: Value | undefined): string => {
    if (!value) return ''
    let name = names.get(value)
    if (name === undefined) {
      names.set(value, (name = value.name))
      if (value.constant) initializers.add(name, value.constant)
    }
    return name
  }
  const operandName = (operand: OnnxOperand): string => {
    if (!operand) return ''
    return 'int64' in operand ? sizes.list(operand.int64) : initializers.scalar(operand.scalar, operand.dtype)
  }
  const read = new Set([...lowered.nodes.flatMap((node) => node.inputs), ...lowered.outputs.map(({ value }) => value)])
  const nodes = lowered.nodes.map((node): NodeProto => {
    const form = recordOf(node.op).onnx?.(node.attributes, node.inputs as Value[]) ?? {}
    const input = [...node.inputs.map(nameOf), ...(form.operands ?? []).map(operandName)]
    while (input.at(-1) === '') input.pop()
    const output = node.outputs.map((value, i) => (i < (form.requiredOutputs ?? Infinity) || read.has(value) ? nameOf(value) : ''))
    while (output.at(-1) === '') output.pop()
    return {
      name: node.name,
      op_type: form.type ?? node.op,
      domain: form.domain ?? '',
      input,
      output,
      attribute: encodeAttributes(form.attributes),
    }
  })
  const model = {
    ir_version: irVersion,
    producer_name: 'weft',
    opset_import: [
      { domain: '', version: opset },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: {
      name: graph.name,
      node: [...sizes.nodes, ...nodes],
      initializer: [...(weights === 'inputs' ? [] : lowered.weights.map((w) => weightProto(w, externalData?.(w.name)))), ...initializers.protos],
      input: [...lowered.inputs, ...(weights === 'inputs' ? lowered.weights : [])].map((x) => valueInfo(x.name, x)),
      output: lowered.outputs.map(({ name, value }) => valueInfo(name, value)),
    },
  }
  return ModelProto.encode(model).finish()
}

function valueInfo(name: string, { dtype, shape }: Value) {
  const dim = shape.map((d) => (typeof d === 'number' ? { dim_value: d } : { dim_param: d }))
  return { name, type: { tensor_type: { elem_type: onnxDType[dtype], shape: { dim } } } }
}

import type { OnnxAttribute } from '@weft/graph'
import type { AttributeProto } from './schema.ts'

/** ONNX's form of a node's attributes; absent ones are left out. */
export function encodeAttributes(attributes: { readonly [name: string]: OnnxAttribute | undefined } = {}): AttributeProto[] {
  return Object.entries(attributes).flatMap(([name, value]): AttributeProto[] => {
    if (value === undefined) return []
    if (typeof value === 'number') return [{ name, type: 2, i: value }]
    if (typeof value === 'string') return [{ name, type: 3, s: new TextEncoder().encode(value) }]
    if ('float' in value) return [{ name, type: 1, f: value.float }]
    return [{ name, type: 7, ints: value }]
  })
}

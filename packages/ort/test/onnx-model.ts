import protobuf from 'protobufjs'
import type { DType } from '../src/index.ts'

/** Small models for the tests, written field by field so that this package's tests need no other package. */
const codes: Partial<Record<DType, number>> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 }

type Encode = (writer: protobuf.Writer) => void
const message = (encode: Encode) => {
  const writer = protobuf.Writer.create()
  encode(writer)
  return writer.finish()
}
const text = (writer: protobuf.Writer, field: number, value: string) => writer.uint32((field << 3) | 2).string(value)
const nested = (writer: protobuf.Writer, field: number, bytes: Uint8Array) => writer.uint32((field << 3) | 2).bytes(bytes)
const number = (writer: protobuf.Writer, field: number, value: number) => writer.uint32(field << 3).int64(value)

export interface Value {
  name: string
  dtype?: DType
  shape: (number | string)[]
}
export interface Node {
  op: string
  inputs: string[]
  outputs: string[]
  domain?: string
  name?: string
  ints?: Record<string, number>
  lists?: Record<string, number[]>
}
export interface Weight {
  name: string
  dtype?: DType
  shape: number[]
  data: Uint8Array | 'from the session' | { file: string; offset: number; length: number }
}

const value = ({ name, dtype = 'float32', shape }: Value) =>
  message((w) => {
    text(w, 1, name)
    nested(
      w,
      2,
      message((type) =>
        nested(
          type,
          1,
          message((tensor) => {
            number(tensor, 1, codes[dtype]!)
            nested(
              tensor,
              2,
              message((dims) => {
                for (const size of shape)
                  nested(
                    dims,
                    1,
                    message((dim) => {
                      typeof size === 'number' ? number(dim, 1, size) : text(dim, 2, size)
                    }),
                  )
              }),
            )
          }),
        ),
      ),
    )
  })

const node = ({ op, inputs, outputs, domain = '', name, ints = {}, lists = {} }: Node) =>
  message((w) => {
    for (const input of inputs) text(w, 1, input)
    for (const output of outputs) text(w, 2, output)
    text(w, 3, name ?? `/${outputs[0]}/${op}`)
    text(w, 4, op)
    for (const [key, int] of Object.entries(ints))
      nested(
        w,
        5,
        message((a) => {
          text(a, 1, key)
          number(a, 3, int)
          number(a, 20, 2)
        }),
      )
    for (const [key, list] of Object.entries(lists))
      nested(
        w,
        5,
        message((a) => {
          text(a, 1, key)
          for (const int of list) number(a, 8, int)
          number(a, 20, 7)
        }),
      )
    text(w, 7, domain)
  })

const weight = ({ name, dtype = 'float32', shape, data }: Weight) =>
  message((w) => {
    for (const size of shape) number(w, 1, size)
    number(w, 2, codes[dtype]!)
    text(w, 8, name)
    if (data instanceof Uint8Array) return void nested(w, 9, data)
    const { file, ...place } = data === 'from the session' ? { file: '.' } : data
    const entry = (key: string, text_: string) =>
      nested(
        w,
        13,
        message((e) => {
          text(e, 1, key)
          text(e, 2, text_)
        }),
      )
    entry('location', file)
    for (const [key, at] of Object.entries(place)) entry(key, String(at))
    number(w, 14, 1)
  })

export function onnxModel(graph: { inputs: Value[]; outputs: Value[]; nodes: Node[]; weights?: Weight[] }): Uint8Array {
  return message((w) => {
    number(w, 1, 10)
    text(w, 2, 'weft tests')
    nested(
      w,
      7,
      message((g) => {
        for (const one of graph.nodes) nested(g, 1, node(one))
        text(g, 2, 'test')
        for (const one of graph.weights ?? []) nested(g, 5, weight(one))
        for (const one of graph.inputs) nested(g, 11, value(one))
        for (const one of graph.outputs) nested(g, 12, value(one))
      }),
    )
    for (const [domain, version] of [
      ['', 21],
      ['com.microsoft', 1],
    ] as const)
      nested(
        w,
        8,
        message((o) => {
          text(o, 1, domain)
          number(o, 2, version)
        }),
      )
  })
}

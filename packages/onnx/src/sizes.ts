import { type Dim, dimTerms, type Graph } from '@weft/graph'
import { encodeAttributes } from './attributes.ts'
import { unknownSize } from './errors.ts'
import type { Initializers } from './initializers.ts'
import type { NodeProto } from './schema.ts'

/** Works out lists of sizes: constants where every size is a number, else nodes that read the inputs' shapes. */
export class Sizes {
  readonly nodes: NodeProto[] = []
  readonly #known = new Map<string, string>()
  readonly #graph: Graph
  readonly #initializers: Initializers

  constructor(graph: Graph, initializers: Initializers) {
    this.#graph = graph
    this.#initializers = initializers
  }

  /** Name of an int64 tensor that holds the sizes. */
  list(dims: readonly Dim[]): string {
    if (dims.every((d) => typeof d === 'number')) return this.#initializers.int64(dims)
    const parts = dims.map((dim) => this.#size(dim))
    return parts.length === 1 ? parts[0] : this.#node(`[${dims}]`, 'Concat', parts, { axis: 0 })
  }

  /** An int64 tensor `[1]`. */
  #size(dim: Dim): string {
    if (typeof dim === 'number') return this.#initializers.int64([dim])
    const read = this.#read(dim)
    if (read) return read
    const terms = dimTerms(dim).map(({ coefficient, symbols }) => {
      const factors = symbols.map((symbol) => {
        const name = this.#read(symbol)
        if (!name) throw unknownSize(symbol)
        return name
      })
      if (coefficient !== 1 || factors.length === 0) factors.push(this.#initializers.int64([coefficient]))
      return factors.reduce((a, b) => this.#node(`${a}*${b}`, 'Mul', [a, b]))
    })
    return terms.reduce((a, b) => this.#node(`${a}+${b}`, 'Add', [a, b]))
  }

  /** The size as some input has it. */
  #read(dim: string): string | undefined {
    for (const { name, shape } of this.#graph.inputs) {
      const axis = shape.indexOf(dim)
      if (axis >= 0) return this.#node(dim, 'Shape', [name], { start: axis, end: axis + 1 })
    }
    return undefined
  }

  #node(key: string, op_type: string, input: string[], attributes = {}): string {
    const name = `/sizes/${key.replaceAll('/sizes/', '')}`
    if (!this.#known.has(name)) {
      this.#known.set(name, name)
      this.nodes.push({ name, op_type, input, output: [name], attribute: encodeAttributes(attributes) })
    }
    return name
  }
}

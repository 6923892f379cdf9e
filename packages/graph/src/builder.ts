import { contentHash, sameContent } from './content.ts'
import { canonicalDim, formatShape, type Shape, sameShape } from './dim.ts'
import { type DType, dtypeOf, elementCount, fromNumbers, type TensorData, type TypedArray } from './dtype.ts'
import { constantSize, duplicateName, noSuchValue, otherBuilder, shapeMismatch } from './errors.ts'
import type { Emit } from './op.ts'
import { type OpMethods, type OpName, ops, recordOf } from './ops/index.ts'
import type { Attributes, Graph, Node, Operand, Value } from './value.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const attributeKey = (attributes: Attributes) => JSON.stringify(attributes, (_, v) => (typeof v === 'number' ? `#${Object.is(v, -0) ? '-0' : v}` : v))

/**
 * Builds a graph. Its methods are the ops, in camelCase, with what their records' `build` takes; each returns a value, or
 * values. The same op on the same values with the same attributes is added once.
 *
 * @example
 * const g = new GraphBuilder('double')
 * g.output('y', g.mul(g.input('x', 'float32', ['B', 16]), 2))
 * interpret(g.build(), { x })
 */
export class GraphBuilder {
  readonly name: string
  readonly #inputs = new Map<string, Value>()
  readonly #weights = new Map<string, Value>()
  readonly #outputs = new Map<string, Value>()
  readonly #constants = new Map<string, readonly Value[]>()
  readonly #known = new Map<string, readonly Value[]>()
  readonly #own = new WeakSet<Value>()
  readonly #names = new Map<string, number>()
  readonly #renamed = new WeakSet<Value>()
  #scope = ''
  #nextId = 0

  constructor(name: string) {
    this.name = name
  }

  /** A tensor fed at every run, by name; sizes that only a run knows are symbols, such as `'B'`. Error `duplicate_name`. */
  input(name: string, dtype: DType, shape: Shape): Value {
    return this.#named(this.#inputs, 'input', name, dtype, shape)
  }

  /** A frozen tensor, bound by name when a session is made. Error `duplicate_name`. */
  weight(name: string, shape: Shape, dtype: DType = 'float32'): Value {
    return this.#named(this.#weights, 'weight', name, dtype, shape)
  }

  /** Numbers stored in the model: a scalar, or an array with its shape, row-major. The dtype is the array's, float32 for a number. Error `constant_size`. */
  constant(data: TypedArray | number, shape: readonly number[] = [], dtype?: DType): Value {
    const type = dtype ?? (typeof data === 'number' ? 'float32' : dtypeOf(data))
    const array = typeof data === 'number' ? fromNumbers(type, [data]) : data instanceof Float64Array ? fromNumbers(type, data) : data
    if (array.length !== elementCount(shape)) throw constantSize(array.length, shape)
    const key = `${type} ${formatShape(shape)} ${contentHash(array)}`
    const alike = this.#constants.get(key) ?? []
    const present = alike.find((value) => sameContent(value.constant!.data, array))
    if (present) return present
    const constant: TensorData = { dtype: type, shape, data: array }
    const value = this.#value({ name: this.#unique('constant'), dtype: type, shape, kind: 'constant', constant })
    this.#constants.set(key, [...alike, value])
    return value
  }

  /** Everything built inside is named by this place: `/layers.3/attn/Mul`. */
  scope<T>(name: string, body: () => T): T {
    const outer = this.#scope
    this.#scope = `${outer}/${name}`
    try {
      return body()
    } finally {
      this.#scope = outer
    }
  }

  /** Names a result of the graph. Errors `duplicate_name`, `not_a_value`, `other_builder`. */
  output(name: string, value: Value): void {
    this.#check('Output', name, 0, value)
    const present = this.#outputs.get(name)
    if (present === value) return
    if (present || this.#inputs.has(name) || this.#weights.has(name)) throw duplicateName('an input, weight or output', name)
    const taken = value.kind !== 'node' || [...this.#outputs.values()].includes(value)
    this.#outputs.set(name, taken ? this.#node('Identity', [value], {})[0] : value)
  }

  /** Gives a computed value a name to be read by people (made unique), unless it has been given one already. */
  rename(value: Value, name: string): Value {
    this.#check('rename', name, 0, value)
    if (value.kind === 'node' && !this.#renamed.has(value)) {
      ;(value as Mutable<Value>).name = this.#unique(name)
      this.#renamed.add(value)
    }
    return value
  }

  /** Adds a node by its op's name; the methods named after ops do this. Errors `shape_mismatch`, `not_a_value`, `other_builder`. */
  emit(op: OpName, operands: readonly (Operand | undefined)[], attributes: Attributes): readonly Value[] {
    const place = `${this.#scope}/${op}`
    const typed = operands.find((x): x is Value => typeof x === 'object' && x?.dtype !== 'bool')
    const inputs = operands.map((x, i) => {
      if (x === undefined) return undefined
      if (typeof x === 'number') return this.constant(x, [], typed?.dtype)
      this.#check(op, place, i, x)
      return x
    })
    const key = `${op} ${inputs.map((x) => x?.id)} ${attributeKey(attributes)}`
    const present = this.#known.get(key)
    if (present) return present
    const outputs = this.#node(op, inputs, attributes)
    this.#known.set(key, outputs)
    return outputs
  }

  /** The graph of what the outputs need, in the order in which it was built. Building may go on. */
  build(): Graph {
    const needed = new Set<Node>()
    const weights = new Set<Value>()
    const stack = [...this.#outputs.values()]
    while (stack.length) {
      const value = stack.pop()!
      if (value.kind === 'weight') weights.add(value)
      if (!value.node || needed.has(value.node)) continue
      needed.add(value.node)
      for (const input of value.node.inputs) if (input) stack.push(input)
    }
    return {
      name: this.name,
      inputs: [...this.#inputs.values()],
      weights: [...this.#weights.values()].filter((w) => weights.has(w)),
      nodes: [...needed].sort((a, b) => a.outputs[0].id - b.outputs[0].id),
      outputs: [...this.#outputs].map(([name, value]) => ({ name, value })),
    }
  }

  #node(op: OpName, inputs: readonly (Value | undefined)[], attributes: Attributes): readonly Value[] {
    const name = this.#unique(`${this.#scope}/${op}`)
    const types = (() => {
      try {
        return recordOf(op).infer(inputs as Value[], attributes)
      } catch (reason) {
        if (typeof reason !== 'string') throw reason
        throw shapeMismatch(
          op,
          name,
          inputs.flatMap((x) => (x ? [x.shape] : [])),
          reason,
        )
      }
    })()
    const outputs: Value[] = []
    const node: Node = { op, name, inputs, attributes, outputs }
    types.forEach(({ dtype, shape }, index) => {
      outputs.push(this.#value({ name: `${name}/output_${index}`, dtype, shape: shape.map(canonicalDim), kind: 'node', node, index }))
    })
    return outputs
  }

  #named(table: Map<string, Value>, kind: 'input' | 'weight', name: string, dtype: DType, sizes: Shape): Value {
    const shape = sizes.map(canonicalDim)
    const present = table.get(name)
    if (present && present.dtype === dtype && sameShape(present.shape, shape)) return present
    if (present || this.#names.has(name) || this.#outputs.has(name)) throw duplicateName(`an ${kind === 'input' ? 'input' : 'input or weight'}`, name)
    const value = this.#value({ name: this.#unique(name), dtype, shape, kind })
    table.set(name, value)
    return value
  }

  #value(fields: Omit<Value, 'id'>): Value {
    const value = { id: this.#nextId++, ...fields }
    this.#own.add(value)
    return value
  }

  #unique(name: string): string {
    const count = this.#names.get(name) ?? 0
    this.#names.set(name, count + 1)
    if (count === 0) return name
    return this.#unique(`${name}_${count}`)
  }

  #check(op: string, place: string, index: number, value: unknown): void {
    if (typeof value !== 'object' || value === null || !('dtype' in value)) throw noSuchValue(op, place, index, value)
    if (!this.#own.has(value as Value)) throw otherBuilder((value as Value).name)
  }
}

/** The ops, as methods. */
export interface GraphBuilder extends OpMethods {}

for (const op of Object.keys(ops) as OpName[]) {
  const { build } = recordOf(op)
  Object.defineProperty(GraphBuilder.prototype, op[0].toLowerCase() + op.slice(1), {
    value(this: GraphBuilder, ...args: unknown[]) {
      const emit: Emit<Attributes> = Object.assign(
        (inputs: readonly (Operand | undefined)[], attributes: Attributes) => [...this.emit(op, inputs, attributes)],
        { index: (operand: Operand) => (typeof operand === 'number' ? this.constant(operand, [], 'int64') : operand) },
      )
      return (build(emit) as (...args: unknown[]) => unknown)(...args)
    },
  })
}

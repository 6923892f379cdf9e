import { templateFailed } from '../../errors.ts'
import { repr } from './printing.ts'
import { PyObject, type Value } from './value.ts'

/** A tuple; `names` where it is a named one, as `groupby` makes. */
export class Tuple extends PyObject {
  readonly type = 'tuple'
  readonly items: readonly Value[]
  readonly #names: readonly string[]
  constructor(items: readonly Value[], names: readonly string[] = []) {
    super()
    this.items = items
    this.#names = names
  }
  override attribute(name: string): Value | undefined {
    const at = this.#names.indexOf(name)
    return at < 0 ? undefined : this.items[at]
  }
  override iterate(): Iterable<Value> {
    return this.items
  }
  override size(): number {
    return this.items.length
  }
  repr(): string {
    return this.items.length === 1 ? `(${repr(this.items[0])},)` : `(${this.items.map(repr).join(', ')})`
  }
}

/** What equal keys share and unequal ones do not. @throws for what cannot be a key */
export const keyOf = (value: Value): string => {
  if (typeof value === 'string') return `s${value}`
  if (typeof value === 'boolean') return `n${Number(value)}`
  if (typeof value === 'bigint') return `n${value}`
  if (typeof value === 'number') return Number.isInteger(value) ? `n${BigInt(value)}` : `n${value}`
  if (value === null) return 'None'
  if (value instanceof Tuple) return `t${JSON.stringify(value.items.map(keyOf))}`
  if (Array.isArray(value) || value instanceof Dict) throw templateFailed(`unhashable type: '${Array.isArray(value) ? 'list' : 'dict'}'`)
  return `o${identity(value)}`
}

const identities = new WeakMap<PyObject, number>()
let lastIdentity = 0
const identity = (value: PyObject): number => {
  const known = identities.get(value) ?? ++lastIdentity
  identities.set(value, known)
  return known
}

/** A dict, in the order in which its keys came. */
export class Dict extends PyObject {
  readonly type = 'dict'
  readonly #entries = new Map<string, readonly [Value, Value]>()
  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    super()
    for (const [key, value] of entries) {
      const hash = keyOf(key)
      this.#entries.set(hash, [this.#entries.get(hash)?.[0] ?? key, value])
    }
  }
  get(key: Value): Value | undefined {
    return this.#entries.get(keyOf(key))?.[1]
  }
  entries(): (readonly [Value, Value])[] {
    return [...this.#entries.values()]
  }
  keys(): Value[] {
    return this.entries().map(([key]) => key)
  }
  override item(key: Value): Value | undefined {
    return Array.isArray(key) || key instanceof Dict ? undefined : this.get(key)
  }
  override iterate(): Iterable<Value> {
    return this.keys()
  }
  override size(): number {
    return this.#entries.size
  }
  repr(): string {
    return `{${this.entries()
      .map(([key, value]) => `${repr(key)}: ${repr(value)}`)
      .join(', ')}}`
  }
}

/** `dict.keys()`, `.values()` and `.items()`. */
export class DictView extends PyObject {
  readonly type: string
  readonly items: readonly Value[]
  constructor(kind: 'keys' | 'values' | 'items', items: readonly Value[]) {
    super()
    this.type = `dict_${kind}`
    this.items = items
  }
  override iterate(): Iterable<Value> {
    return this.items
  }
  override size(): number {
    return this.items.length
  }
  repr(): string {
    return `${this.type}(${repr([...this.items])})`
  }
}

/** `range(start, stop, step)`, kept as its values. */
export class Range extends PyObject {
  readonly type = 'range'
  readonly items: readonly bigint[]
  readonly start: bigint
  readonly stop: bigint
  readonly step: bigint
  constructor(start: bigint, stop: bigint, step: bigint) {
    super()
    this.start = start
    this.stop = stop
    this.step = step
    const items: bigint[] = []
    for (let i = start; step > 0n ? i < stop : i > stop; i += step) items.push(i)
    this.items = items
  }
  override attribute(name: string): Value | undefined {
    return name === 'start' || name === 'stop' || name === 'step' ? this[name] : undefined
  }
  override iterate(): Iterable<Value> {
    return this.items
  }
  override size(): number {
    return this.items.length
  }
  repr(): string {
    return `range(${this.start}, ${this.stop}${this.step === 1n ? '' : `, ${this.step}`})`
  }
}

/** Attributes that a template may set: the one thing that outlives a loop's scope. */
export class Namespace extends PyObject {
  readonly type = 'Namespace'
  readonly #attributes = new Map<string, Value>()
  set(name: string, value: Value): void {
    if (name.startsWith('_')) throw templateFailed(`a namespace takes no attribute that begins with an underscore: ${name}`)
    this.#attributes.set(name, value)
  }
  override attribute(name: string): Value | undefined {
    return this.#attributes.get(name)
  }
  repr(): string {
    return `<Namespace ${new Dict(this.#attributes).repr()}>`
  }
}

/** The values of a sequence; null for what is none. */
export const sequenceItems = (value: Value): readonly Value[] | null => {
  if (Array.isArray(value)) return value
  if (value instanceof Tuple || value instanceof Range) return value.items
  return typeof value === 'string' ? [...value] : null
}

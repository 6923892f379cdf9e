import { templateFailed } from '../../errors.ts'

/**
 * A Python value as a template sees it: None is null, int is bigint, float is number, str is string (counted in code points), list is an array;
 * everything else is a `PyObject`. JavaScript's own numbers could not tell 1 from 1.0, which print differently.
 */
export type Value = null | boolean | bigint | number | string | Value[] | PyObject

/** Arguments of a call. */
export interface Arguments {
  positional: Value[]
  named: Map<string, Value>
}

/** What a Python object answers; what it does not define, it does not have. */
export abstract class PyObject {
  abstract readonly type: string
  /** `getattr(self, name)`; undefined where Python raises AttributeError. */
  attribute(_name: string): Value | undefined {
    return undefined
  }
  /** `self[key]`; undefined where Python raises TypeError or LookupError. */
  item(_key: Value): Value | undefined {
    return undefined
  }
  /** `iter(self)`; null for what cannot be iterated. */
  iterate(): Iterable<Value> | null {
    return null
  }
  /** `len(self)`; null for what has no length. */
  size(): number | null {
    return null
  }
  truth(): boolean {
    return this.size() !== 0
  }
  abstract repr(): string
  str(): string {
    return this.repr()
  }
  call(_args: Arguments): Value {
    throw templateFailed(`'${this.type}' object is not callable`)
  }
}

/** A function of the template, of a value, or of the environment. */
export class Callable extends PyObject {
  readonly type = 'function'
  readonly name: string
  readonly #run: (args: Arguments) => Value
  constructor(name: string, run: (args: Arguments) => Value) {
    super()
    this.name = name
    this.#run = run
  }
  override call(args: Arguments): Value {
    return this.#run(args)
  }
  repr(): string {
    return `<function ${this.name}>`
  }
}

/** An iterator: may be walked once, is always true, has no length. */
export class PyIterator extends PyObject {
  readonly type: string
  readonly #values: Iterator<Value>
  constructor(values: Iterable<Value>, type = 'generator') {
    super()
    this.type = type
    this.#values = values[Symbol.iterator]()
  }
  override *iterate(): Iterable<Value> {
    // Not for…of over the iterator itself: leaving such a loop early would close it, and Python's goes on where it was left.
    for (let next = this.#values.next(); !next.done; next = this.#values.next()) yield next.value
  }
  override truth(): boolean {
    return true
  }
  repr(): string {
    return `<${this.type} object>`
  }
}

/** A name that the templates knows nothing of: prints as nothing, is empty and false, and any other use of it is an error. */
export class Undefined extends PyObject {
  readonly type = 'Undefined'
  readonly #problem: string
  constructor(problem: string) {
    super()
    this.#problem = problem
  }
  fail(): never {
    throw templateFailed(this.#problem)
  }
  override attribute(name: string): Value | undefined {
    return name.startsWith('__') && name.endsWith('__') ? undefined : this.fail()
  }
  override item(): Value {
    return this.fail()
  }
  override iterate(): Iterable<Value> {
    return []
  }
  override size(): number {
    return 0
  }
  override call(): Value {
    return this.fail()
  }
  repr(): string {
    return 'Undefined'
  }
  override str(): string {
    return ''
  }
}

export const undefinedName = (name: string): Undefined => new Undefined(`'${name}' is undefined`)

/** Python's name of a value's class. */
export const typeName = (value: Value): string => {
  if (value === null) return 'NoneType'
  if (Array.isArray(value)) return 'list'
  if (value instanceof PyObject) return value.type
  return { boolean: 'bool', bigint: 'int', number: 'float', string: 'str' }[typeof value as 'boolean' | 'bigint' | 'number' | 'string']
}

export const isMissing = (value: Value): value is Undefined => value instanceof Undefined

/** A truth value, as `if` takes it. */
export const truth = (value: Value): boolean => {
  if (Array.isArray(value)) return value.length > 0
  if (value instanceof PyObject) return value.truth()
  return typeof value === 'number' ? value !== 0 : Boolean(value)
}

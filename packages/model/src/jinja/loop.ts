import { templateFailed } from '../errors.ts'
import { equal } from './values/comparison.ts'
import { type Arguments, Callable, PyObject, Undefined, type Value } from './values/value.ts'

/** `loop`: where a loop stands. */
export class LoopContext extends PyObject {
  readonly type = 'loop'
  readonly #items: readonly Value[]
  readonly #depth: number
  readonly #recurse: ((items: Value, depth: number) => string) | null
  #index = 0
  #last: Value[] | null = null
  constructor(items: readonly Value[], depth: number, recurse: ((items: Value, depth: number) => string) | null) {
    super()
    this.#items = items
    this.#depth = depth
    this.#recurse = recurse
  }
  moveTo(index: number): void {
    this.#index = index
  }
  override attribute(name: string): Value | undefined {
    const [i, n] = [this.#index, this.#items.length]
    switch (name) {
      case 'index0':
        return BigInt(i)
      case 'index':
        return BigInt(i + 1)
      case 'revindex0':
        return BigInt(n - i - 1)
      case 'revindex':
        return BigInt(n - i)
      case 'length':
        return BigInt(n)
      case 'first':
        return i === 0
      case 'last':
        return i === n - 1
      case 'depth0':
        return BigInt(this.#depth)
      case 'depth':
        return BigInt(this.#depth + 1)
      case 'previtem':
        return this.#items[i - 1] ?? (i > 0 ? null : new Undefined('there is no previous item'))
      case 'nextitem':
        return this.#items[i + 1] ?? (i < n - 1 ? null : new Undefined('there is no next item'))
      case 'cycle':
        return new Callable(name, ({ positional }) => this.#cycle(positional))
      case 'changed':
        return new Callable(name, ({ positional }) => this.#changed(positional))
    }
    return undefined
  }
  #cycle(values: readonly Value[]): Value {
    if (values.length === 0) throw templateFailed('no items for cycling given')
    return values[this.#index % values.length]
  }
  #changed(values: Value[]): boolean {
    const same = this.#last !== null && equal(this.#last, values)
    this.#last = values
    return !same
  }
  override iterate(): Iterable<Value> {
    return this.#items
  }
  override size(): number {
    return this.#items.length
  }
  override call({ positional }: Arguments): Value {
    if (!this.#recurse) throw templateFailed("the loop must have the 'recursive' marker to be called recursively")
    return this.#recurse(positional[0], this.#depth + 1)
  }
  repr(): string {
    return `<LoopContext ${this.#index + 1}/${this.#items.length}>`
  }
}

import { undefinedName, type Value } from './values/value.ts'

/** Names and what they stand for; a name that a scope does not know, the one around it may. */
export class Scope {
  readonly #names: Map<string, Value>
  readonly #outer: Scope | null
  constructor(outer: Scope | null, names: Iterable<readonly [string, Value]> = []) {
    this.#outer = outer
    this.#names = new Map(names)
  }
  get(name: string): Value {
    for (let scope: Scope | null = this; scope; scope = scope.#outer) {
      const value = scope.#names.get(name)
      if (value !== undefined) return value
    }
    return undefinedName(name)
  }
  set(name: string, value: Value): void {
    this.#names.set(name, value)
  }
}

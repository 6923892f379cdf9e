import { templateFailed } from '../errors.ts'
import { evaluate } from './evaluate.ts'
import { Scope } from './scope.ts'
import type { MacroNode } from './syntax/nodes.ts'
import { Dict, Tuple } from './values/containers.ts'
import { type Arguments, PyObject, Undefined, type Value } from './values/value.ts'

/** Names that hold what a macro was given beyond its parameters, if its body asks for them. */
const SPECIAL = ['caller', 'kwargs', 'varargs'] as const
type Special = (typeof SPECIAL)[number]

/** A macro and the scope that it was written in, where its body reads what it is not given. */
export class Macro extends PyObject {
  readonly type = 'Macro'
  readonly #node: MacroNode
  readonly #scope: Scope
  readonly #render: (node: MacroNode, scope: Scope) => string
  readonly #uses: ReadonlySet<Special>
  constructor(node: MacroNode, scope: Scope, render: (node: MacroNode, scope: Scope) => string) {
    super()
    this.#node = node
    this.#scope = scope
    this.#render = render
    this.#uses = usedBy(node)
  }
  override attribute(name: string): Value | undefined {
    if (name === 'name') return this.#node.name
    if (name === 'arguments') return new Tuple(this.#node.parameters)
    if (name === 'caller') return this.#uses.has('caller')
    if (name === 'catch_kwargs') return this.#uses.has('kwargs')
    return name === 'catch_varargs' ? this.#uses.has('varargs') : undefined
  }
  override call({ positional, named }: Arguments): string {
    const { name, parameters, defaults } = this.#node
    const scope = new Scope(this.#scope)
    const left = new Map(named)
    for (const [i, parameter] of parameters.entries()) {
      const fallback = defaults[i - (parameters.length - defaults.length)]
      if (i < positional.length) {
        if (left.has(parameter)) throw templateFailed(`macro '${name}' got multiple values for argument '${parameter}'`)
        scope.set(parameter, positional[i])
      } else if (left.has(parameter)) scope.set(parameter, left.get(parameter)!)
      else scope.set(parameter, fallback ? evaluate(fallback, scope) : new Undefined(`parameter '${parameter}' was not provided`))
      left.delete(parameter)
    }
    this.#rest(scope, positional.slice(parameters.length), left)
    return this.#render(this.#node, scope)
  }
  #rest(scope: Scope, positional: Value[], named: Map<string, Value>): void {
    const { name, parameters } = this.#node
    if (this.#uses.has('caller') && !parameters.includes('caller')) {
      scope.set('caller', named.get('caller') ?? new Undefined('No caller defined'))
      named.delete('caller')
    }
    if (this.#uses.has('kwargs')) scope.set('kwargs', new Dict(named))
    else if (named.size > 0) throw templateFailed(`macro '${name}' takes no keyword argument '${[...named.keys()][0]}'`)
    if (this.#uses.has('varargs')) scope.set('varargs', new Tuple(positional))
    else if (positional.length > 0) throw templateFailed(`macro '${name}' takes not more than ${parameters.length} argument(s)`)
  }
  override truth(): boolean {
    return true
  }
  repr(): string {
    return `<Macro '${this.#node.name}'>`
  }
}

const known = new WeakMap<MacroNode, ReadonlySet<Special>>()
/** Which of the special names a macro's body has: looked for once, and not at every rendering. */
const usedBy = (node: MacroNode): ReadonlySet<Special> => {
  const found = known.get(node) ?? namesUsed(node.body)
  known.set(node, found)
  return found
}

/** Which of the special names stand anywhere in a body. */
const namesUsed = (node: unknown, found = new Set<Special>()): Set<Special> => {
  if (node === null || typeof node !== 'object') return found
  const { type, name } = node as { type?: unknown; name?: unknown }
  if (type === 'name' && SPECIAL.includes(name as Special)) found.add(name as Special)
  for (const child of Object.values(node)) namesUsed(child, found)
  return found
}

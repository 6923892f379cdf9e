import { templateFailed } from '../errors.ts'
import { argumentsOf, evaluate } from './evaluate.ts'
import { LoopContext } from './loop.ts'
import { Macro } from './macro.ts'
import { Output } from './output.ts'
import { Scope } from './scope.ts'
import type { Expression, ForNode, MacroNode, Statement } from './syntax/nodes.ts'
import { Namespace } from './values/containers.ts'
import { iterate, toList } from './values/iteration.ts'
import { str } from './values/printing.ts'
import { PyObject, truth, undefinedName, type Value } from './values/value.ts'

/** Why a body ended before its last statement. */
type Left = 'break' | 'continue' | undefined

/** Runs a body in a scope of its own. */
export const executeBody = (body: readonly Statement[], scope: Scope, out: Output): Left => {
  for (const name of out.hidden.get(body) ?? []) scope.set(name, undefinedName(name))
  return execute(body, scope, out)
}

/** Runs statements in turn, up to a `break` or `continue`. */
const execute = (body: readonly Statement[], scope: Scope, out: Output): Left => {
  for (const statement of body) {
    const left = run(statement, scope, out)
    if (left) return left
  }
  return undefined
}

const run = (node: Statement, scope: Scope, out: Output): Left => {
  switch (node.type) {
    case 'text':
      out.write(node.text)
      return
    case 'print':
      out.write(str(evaluate(node.expression, scope)))
      return
    case 'if': {
      const branch = node.branches.find(({ test }) => truth(evaluate(test, scope)))
      return execute(branch?.body ?? node.otherwise, scope, out)
    }
    case 'for':
      return loop(node, evaluate(node.iterable, scope), 0, scope, out)
    case 'set':
      return assign(node.target, evaluate(node.value, scope), scope)
    case 'capture': {
      const text = captured(node.body, new Scope(scope), out)
      return assign(node.target, node.filter ? evaluate(node.filter, scope, text) : text, scope)
    }
    case 'with': {
      const values = node.values.map((value) => evaluate(value, scope))
      const inner = new Scope(scope)
      for (const [i, target] of node.targets.entries()) assign(target, values[i], inner)
      return executeBody(node.body, inner, out)
    }
    case 'macro':
      scope.set(node.name, macro(node, scope, out))
      return
    case 'callBlock':
      return callBlock(node, scope, out)
    case 'filterBlock':
      out.write(str(evaluate(node.filter, scope, captured(node.body, new Scope(scope), out))))
      return
    case 'generation': // its body is a scope of its own, as that of a call
      out.mark(() => executeBody(node.body, new Scope(scope), out))
      return
    case 'block':
      return executeBody(node.body, new Scope(scope), out)
    case 'break':
    case 'continue':
      return node.type
  }
}

const captured = (body: readonly Statement[], scope: Scope, out: Output): string => {
  const inner = new Output(out)
  executeBody(body, scope, inner)
  return inner.text
}

const macro = (node: MacroNode, scope: Scope, out: Output): Macro => new Macro(node, scope, ({ body }, inner) => captured(body, inner, out))

const callBlock = ({ call, macro: caller }: Extract<Statement, { type: 'callBlock' }>, scope: Scope, out: Output): undefined => {
  if (call.type !== 'call') return
  const callee = evaluate(call.callee, scope)
  const args = argumentsOf(call.args, (node) => evaluate(node, scope))
  if (!(callee instanceof PyObject)) throw templateFailed('a call block calls a macro')
  args.named.set('caller', macro(caller, scope, out))
  out.write(str(callee.call(args)))
}

const loop = (node: ForNode, iterable: Value, depth: number, scope: Scope, out: Output): undefined => {
  const within = (item: Value, names: Iterable<readonly [string, Value]> = []): Scope => {
    const inner = new Scope(scope, names)
    assign(node.target, item, inner)
    return inner
  }
  const { filter } = node
  const items = filter ? toList(iterable).filter((item) => truth(evaluate(filter, within(item)))) : toList(iterable)
  const recurse = (inner: Value, deeper: number): string => {
    const nested = new Output(out)
    loop(node, inner, deeper, scope, nested)
    return nested.text
  }
  const context = new LoopContext(items, depth, node.recursive ? recurse : null)
  for (const [i, item] of items.entries()) {
    context.moveTo(i)
    if (executeBody(node.body, within(item, [['loop', context]]), out) === 'break') break
  }
  if (items.length === 0) executeBody(node.otherwise, new Scope(scope), out)
}

const assign = (target: Expression, value: Value, scope: Scope): undefined => {
  if (target.type === 'name') scope.set(target.name, value)
  else if (target.type === 'attributeOfName') {
    const object = scope.get(target.name)
    if (!(object instanceof Namespace)) throw templateFailed('cannot assign attribute on non-namespace object')
    object.set(target.attribute, value)
  } else if (target.type === 'tuple') {
    const values = [...iterate(value)]
    const [expected, got] = [target.items.length, values.length]
    if (got !== expected)
      throw templateFailed(
        got < expected ? `not enough values to unpack (expected ${expected}, got ${got})` : `too many values to unpack (expected ${expected})`,
      )
    for (const [i, item] of target.items.entries()) assign(item, values[i], scope)
  }
}

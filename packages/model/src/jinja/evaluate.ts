import { templateFailed } from '../errors.ts'
import { applyFilter } from './filters/filters.ts'
import type { Scope } from './scope.ts'
import type { CallArguments, Expression } from './syntax/nodes.ts'
import { runTest } from './tests.ts'
import { arithmetic, signed } from './values/arithmetic.ts'
import { compare, contains, equal } from './values/comparison.ts'
import { Dict, Tuple } from './values/containers.ts'
import { iterate } from './values/iteration.ts'
import { str } from './values/printing.ts'
import { getAttribute, getItem, Slice } from './values/subscript.ts'
import { type Arguments, PyObject, truth, typeName, Undefined, type Value } from './values/value.ts'

/** An expression's value. `filtered` is what a filter without an operand takes: the text of the block that it stands at. */
export const evaluate = (node: Expression, scope: Scope, filtered?: string): Value => {
  const value = (inner: Expression): Value => evaluate(inner, scope, filtered)
  switch (node.type) {
    case 'const':
      return node.value
    case 'name':
      return scope.get(node.name)
    case 'list':
      return node.items.map(value)
    case 'tuple':
      return new Tuple(node.items.map(value))
    case 'dict':
      return new Dict(node.entries.map(([key, item]) => [value(key), value(item)] as const))
    case 'conditional':
      if (truth(value(node.test))) return value(node.then)
      return node.otherwise
        ? value(node.otherwise)
        : new Undefined(`the inline if-expression on line ${node.line} evaluated to false and no else section was defined.`)
    case 'and':
    case 'or': {
      const left = value(node.left)
      return truth(left) === (node.type === 'and') ? value(node.right) : left
    }
    case 'not':
      return !truth(value(node.operand))
    case 'sign':
      return signed(node.operator, value(node.operand))
    case 'arithmetic':
      return arithmetic(node.operator, value(node.left), value(node.right))
    case 'concat':
      return node.parts.map((part) => str(value(part))).join('')
    case 'compare':
      return chain(value(node.first), node.rest, value)
    case 'attribute':
      return getAttribute(value(node.object), node.name)
    case 'item':
      return getItem(value(node.object), value(node.key))
    case 'slice':
      return new Slice(...([node.start, node.stop, node.step].map((part) => (part ? value(part) : null)) as [Value, Value, Value]))
    case 'call':
      return call(value(node.callee), argumentsOf(node.args, value))
    case 'filter':
      return applyFilter(node.name, node.operand ? value(node.operand) : (filtered ?? ''), argumentsOf(node.args, value))
    case 'test':
      return runTest(node.name, value(node.operand), argumentsOf(node.args, value).positional)
    case 'attributeOfName':
      return getAttribute(scope.get(node.name), node.attribute)
  }
}

const call = (callee: Value, args: Arguments): Value => {
  if (!(callee instanceof PyObject)) throw templateFailed(`'${typeName(callee)}' object is not callable`)
  return callee.call(args)
}

export const argumentsOf = (args: CallArguments, value: (node: Expression) => Value): Arguments => {
  const positional = args.positional.map(value)
  const named = new Map(args.named.map(([name, node]) => [name, value(node)] as const))
  if (args.rest) positional.push(...iterate(value(args.rest)))
  const rest = args.namedRest ? value(args.namedRest) : null
  if (rest !== null && !(rest instanceof Dict)) throw templateFailed('argument after ** must be a mapping')
  for (const [name, item] of rest?.entries() ?? []) named.set(str(name), item)
  return { positional, named }
}

/** `a < b < c`: each pair in turn, up to the first that fails. */
const chain = (first: Value, rest: readonly { operator: string; operand: Expression }[], value: (node: Expression) => Value): boolean => {
  let left = first
  return rest.every(({ operator, operand }) => {
    const right = value(operand)
    const holds = compared(operator, left, right)
    left = right
    return holds
  })
}

const compared = (operator: string, left: Value, right: Value): boolean => {
  switch (operator) {
    case '==':
      return equal(left, right)
    case '!=':
      return !equal(left, right)
    case 'in':
      return contains(right, left)
    case 'not in':
      return !contains(right, left)
  }
  const order = compare(left, right, operator)
  if (operator === '<') return order < 0
  if (operator === '>') return order > 0
  return operator === '<=' ? order <= 0 : order >= 0
}

import { parseArguments } from './arguments.ts'
import { integerLiteral } from './literals.ts'
import type { CallArguments, Expression } from './nodes.ts'
import type { TokenStream } from './token-stream.ts'

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>=']

/** An expression; each function reads one level of Jinja's precedence and asks the next for its operands. */
export const parseExpression = (stream: TokenStream): Expression => {
  let expression = parseOr(stream)
  while (stream.is('name', 'if')) {
    const { line } = stream.next()
    const test = parseOr(stream)
    const otherwise = stream.skip('name', 'else') ? parseExpression(stream) : null
    expression = { type: 'conditional', test, then: expression, otherwise, line }
  }
  return expression
}

/** An expression that takes no trailing `if`: a loop's, whose `if` filters it. */
export const parseOr = (stream: TokenStream): Expression => {
  let left = parseAnd(stream)
  while (stream.skip('name', 'or')) left = { type: 'or', left, right: parseAnd(stream) }
  return left
}

const parseAnd = (stream: TokenStream): Expression => {
  let left = parseNot(stream)
  while (stream.skip('name', 'and')) left = { type: 'and', left, right: parseNot(stream) }
  return left
}

const parseNot = (stream: TokenStream): Expression => (stream.skip('name', 'not') ? { type: 'not', operand: parseNot(stream) } : parseCompare(stream))

const parseCompare = (stream: TokenStream): Expression => {
  const first = parseSum(stream)
  const rest: { operator: string; operand: Expression }[] = []
  for (;;) {
    if (stream.isOperator(...COMPARISONS)) rest.push({ operator: stream.next().value, operand: parseSum(stream) })
    else if (stream.skip('name', 'in')) rest.push({ operator: 'in', operand: parseSum(stream) })
    else if (stream.is('name', 'not') && stream.look().type === 'name' && stream.look().value === 'in') {
      stream.next()
      stream.next()
      rest.push({ operator: 'not in', operand: parseSum(stream) })
    } else return rest.length > 0 ? { type: 'compare', first, rest } : first
  }
}

const binary =
  (operand: (stream: TokenStream) => Expression, ...operators: string[]) =>
  (stream: TokenStream): Expression => {
    let left = operand(stream)
    while (stream.isOperator(...operators)) left = { type: 'arithmetic', operator: stream.next().value, left, right: operand(stream) }
    return left
  }

const parseConcat = (stream: TokenStream): Expression => {
  const parts = [parseProduct(stream)]
  while (stream.skip('operator', '~')) parts.push(parseProduct(stream))
  return parts.length === 1 ? parts[0] : { type: 'concat', parts }
}

const parseSum = binary((stream) => parseConcat(stream), '+', '-')
const parseProduct = binary((stream) => parsePower(stream), '*', '/', '//', '%')
/** To the left, unlike Python's. */
const parsePower = binary((stream) => parseUnary(stream), '**')

const parseUnary = (stream: TokenStream, withFilters = true): Expression => {
  const signed = stream.isOperator('+', '-')
  const operand: Expression = signed ? { type: 'sign', operator: stream.next().value as '+' | '-', operand: parseUnary(stream, false) } : parsePrimary(stream)
  const whole = parsePostfix(stream, operand)
  return withFilters ? parseFilters(stream, whole) : whole
}

const CONSTANTS = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
])

/** A name or a literal. `withAttribute`: also `name.attribute` as what is assigned to. */
export const parsePrimary = (stream: TokenStream, withAttribute = false): Expression => {
  const { type, value } = stream.current
  if (type === 'name') {
    stream.next()
    const constant = CONSTANTS.get(value)
    if (constant !== undefined) return { type: 'const', value: constant }
    if (withAttribute && stream.skip('operator', '.')) return { type: 'attributeOfName', name: value, attribute: stream.expect('name').value }
    return { type: 'name', name: value }
  }
  if (type === 'string') {
    let text = ''
    while (stream.is('string')) text += stream.next().value
    return { type: 'const', value: text }
  }
  if (type === 'integer') return { type: 'const', value: integerLiteral(stream.next().value) }
  if (type === 'float') return { type: 'const', value: Number(stream.next().value) }
  if (stream.skip('operator', '(')) {
    const inside = parseTuple(stream, { parenthesized: true })
    stream.expect('operator', ')')
    return inside
  }
  if (stream.isOperator('[')) return { type: 'list', items: parseItems(stream, '[', ']', parseExpression) }
  if (stream.isOperator('{')) return { type: 'dict', entries: parseItems(stream, '{', '}', parseEntry) }
  return stream.fail(`unexpected '${value}'`)
}

const parseEntry = (stream: TokenStream): [Expression, Expression] => {
  const key = parseExpression(stream)
  stream.expect('operator', ':')
  return [key, parseExpression(stream)]
}

/** A list between brackets; a comma may stand after its last item. */
const parseItems = <T>(stream: TokenStream, open: string, close: string, item: (stream: TokenStream) => T): T[] => {
  stream.expect('operator', open)
  const items: T[] = []
  while (!stream.isOperator(close)) {
    if (items.length > 0) stream.expect('operator', ',')
    if (stream.isOperator(close)) break
    items.push(item(stream))
  }
  stream.expect('operator', close)
  return items
}

interface TupleOptions {
  parenthesized?: boolean
  /** Where the tuple ends besides a closing tag or parenthesis. */
  endsAt?: string
  item?: (stream: TokenStream) => Expression
}

/** An expression, or several with commas between them: a tuple, with or without parentheses. */
export const parseTuple = (stream: TokenStream, { parenthesized = false, endsAt, item = parseExpression }: TupleOptions = {}): Expression => {
  const items: Expression[] = []
  let tuple = false
  for (;;) {
    if (items.length > 0) stream.expect('operator', ',')
    if (stream.is('variable_end') || stream.is('block_end') || stream.isOperator(')') || (endsAt && stream.is('name', endsAt))) break
    items.push(item(stream))
    if (!stream.isOperator(',')) break
    tuple = true
  }
  if (tuple) return { type: 'tuple', items }
  if (items.length > 0) return items[0]
  return parenthesized ? { type: 'tuple', items } : stream.fail(`expected an expression, got '${stream.current.value}'`)
}

const parsePostfix = (stream: TokenStream, start: Expression): Expression => {
  let expression = start
  for (;;) {
    if (stream.isOperator('.', '[')) expression = parseSubscript(stream, expression)
    else if (stream.isOperator('(')) expression = { type: 'call', callee: expression, args: parseArguments(stream, parseExpression) }
    else return expression
  }
}

const parseSubscript = (stream: TokenStream, object: Expression): Expression => {
  if (stream.skip('operator', '.')) {
    if (stream.is('name')) return { type: 'attribute', object, name: stream.next().value }
    return { type: 'item', object, key: { type: 'const', value: integerLiteral(stream.expect('integer').value) } }
  }
  stream.expect('operator', '[')
  const keys: Expression[] = []
  while (!stream.isOperator(']')) {
    if (keys.length > 0) stream.expect('operator', ',')
    keys.push(parseKey(stream))
  }
  stream.expect('operator', ']')
  return { type: 'item', object, key: keys.length === 1 ? keys[0] : { type: 'tuple', items: keys } }
}

/** A subscript, or a slice `start:stop:step` of which any part may be absent. */
const parseKey = (stream: TokenStream): Expression => {
  const part = (): Expression | null => (stream.isOperator(':', ']', ',') ? null : parseExpression(stream))
  const start = part()
  if (!stream.skip('operator', ':')) return start ?? stream.fail('expected a subscript')
  const stop = part()
  return { type: 'slice', start, stop, step: stream.skip('operator', ':') ? part() : null }
}

const NO_ARGUMENTS: CallArguments = { positional: [], named: [], rest: null, namedRest: null }

const dottedName = (stream: TokenStream): string => {
  let name = stream.expect('name').value
  while (stream.skip('operator', '.')) name += `.${stream.expect('name').value}`
  return name
}

/** `name(arguments)` of a filter; null stands for what a block wrote. */
export const parseFilter = (stream: TokenStream, operand: Expression | null): Expression => ({
  type: 'filter',
  name: dottedName(stream),
  operand,
  args: stream.isOperator('(') ? parseArguments(stream, parseExpression) : NO_ARGUMENTS,
})

const parseFilters = (stream: TokenStream, start: Expression): Expression => {
  let expression = start
  for (;;) {
    if (stream.skip('operator', '|')) expression = parseFilter(stream, expression)
    else if (stream.skip('name', 'is')) expression = parseTest(stream, expression)
    else if (stream.isOperator('(')) expression = { type: 'call', callee: expression, args: parseArguments(stream, parseExpression) }
    else return expression
  }
}

const parseTest = (stream: TokenStream, operand: Expression): Expression => {
  const negated = stream.skip('name', 'not')
  const name = dottedName(stream)
  let args = NO_ARGUMENTS
  if (stream.isOperator('(')) args = parseArguments(stream, parseExpression)
  else if (stream.is('name', 'is')) stream.fail('tests cannot be chained with is')
  else if (
    (stream.is('name') && !stream.is('name', 'else', 'or', 'and')) ||
    stream.is('string') ||
    stream.is('integer') ||
    stream.is('float') ||
    stream.isOperator('[', '{')
  )
    args = { ...NO_ARGUMENTS, positional: [parsePostfix(stream, parsePrimary(stream))] }
  const test: Expression = { type: 'test', name, operand, args }
  return negated ? { type: 'not', operand: test } : test
}

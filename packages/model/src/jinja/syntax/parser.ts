import { parseExpression, parseFilter, parseOr, parsePrimary, parseTuple } from './expressions.ts'
import { tokenize } from './lexer.ts'
import type { Expression, MacroNode, Signature, Statement } from './nodes.ts'
import { TokenStream } from './token-stream.ts'

/** A template's source to its statements. @throws ModelError `invalid_template` with the line */
export const parse = (source: string): Statement[] => {
  const stream = new TokenStream(tokenize(source))
  const body = parseBody(stream, [])
  return body
}

/** Statements up to one of the closing tags, which is left to the caller; to the end of the template where there are none. */
const parseBody = (stream: TokenStream, ends: readonly string[]): Statement[] => {
  const body: Statement[] = []
  while (!stream.is('end')) {
    if (stream.is('data')) body.push({ type: 'text', text: stream.next().value })
    else if (stream.is('variable_begin')) {
      stream.next()
      body.push({ type: 'print', expression: parseTuple(stream) })
      stream.expect('variable_end')
    } else {
      stream.expect('block_begin')
      if (ends.length > 0 && stream.is('name', ...ends)) return body
      body.push(...parseStatement(stream))
      stream.expect('block_end')
    }
  }
  if (ends.length > 0) stream.fail(`unexpected end of template; looking for ${ends.join(' or ')}`)
  return body
}

/** The rest of a block: the end of its opening tag, its body, and the closing tag's name. */
const parseBlock = (stream: TokenStream, ...ends: string[]): Statement[] => {
  stream.skip('operator', ':')
  stream.expect('block_end')
  return parseBody(stream, ends)
}

/** As `parseBlock`, where only one tag can close it. */
const parseWhole = (stream: TokenStream, end: string): Statement[] => {
  const body = parseBlock(stream, end)
  stream.next()
  return body
}

const parseStatement = (stream: TokenStream): Statement[] => {
  const tag = stream.expect('name').value
  const parser = Object.hasOwn(STATEMENTS, tag) ? STATEMENTS[tag] : undefined
  if (!parser) return stream.fail(`unknown or unsupported tag '${tag}'`)
  const parsed = parser(stream)
  return Array.isArray(parsed) ? parsed : [parsed]
}

const parseFor = (stream: TokenStream): Statement => {
  const target = parseTarget(stream, { endsAt: 'in' })
  stream.expect('name', 'in')
  const iterable = parseTuple(stream, { endsAt: 'recursive', item: parseOr })
  const filter = stream.skip('name', 'if') ? parseExpression(stream) : null
  const recursive = stream.skip('name', 'recursive')
  const body = parseBlock(stream, 'endfor', 'else')
  const otherwise = stream.next().value === 'else' ? parseWhole(stream, 'endfor') : []
  return { type: 'for', target, iterable, filter, recursive, body, otherwise }
}

const parseIf = (stream: TokenStream): Statement => {
  const branches: { test: Expression; body: Statement[] }[] = []
  for (;;) {
    const test = parseTuple(stream, { item: parseOr })
    branches.push({ test, body: parseBlock(stream, 'elif', 'else', 'endif') })
    const end = stream.next().value
    if (end === 'elif') continue
    return { type: 'if', branches, otherwise: end === 'else' ? parseWhole(stream, 'endif') : [] }
  }
}

const parseSet = (stream: TokenStream): Statement => {
  const target = parseTarget(stream, { withAttribute: true })
  if (stream.skip('operator', '=')) return { type: 'set', target, value: parseTuple(stream) }
  let filter: Expression | null = null
  while (stream.skip('operator', '|')) filter = parseFilter(stream, filter)
  return { type: 'capture', target, filter, body: parseWhole(stream, 'endset') }
}

const parseWith = (stream: TokenStream): Statement => {
  const targets: Expression[] = []
  const values: Expression[] = []
  while (!stream.is('block_end')) {
    if (targets.length > 0) stream.expect('operator', ',')
    targets.push(parseTarget(stream, { single: true }))
    stream.expect('operator', '=')
    values.push(parseExpression(stream))
  }
  return { type: 'with', targets, values, body: parseWhole(stream, 'endwith') }
}

const parseSignature = (stream: TokenStream): Signature => {
  const parameters: string[] = []
  const defaults: Expression[] = []
  stream.expect('operator', '(')
  while (!stream.isOperator(')')) {
    if (parameters.length > 0) stream.expect('operator', ',')
    if (stream.isOperator(')')) break
    parameters.push(stream.expect('name').value)
    if (stream.skip('operator', '=')) defaults.push(parseExpression(stream))
    else if (defaults.length > 0) stream.fail('non-default argument follows default argument')
  }
  stream.expect('operator', ')')
  return { parameters, defaults }
}

const parseMacro = (stream: TokenStream): MacroNode => {
  const name = stream.expect('name').value
  return { type: 'macro', name, ...parseSignature(stream), body: parseWhole(stream, 'endmacro') }
}

const parseCallBlock = (stream: TokenStream): Statement => {
  const signature = stream.isOperator('(') ? parseSignature(stream) : { parameters: [], defaults: [] }
  const call = parseExpression(stream)
  if (call.type !== 'call') return stream.fail('expected call')
  return { type: 'callBlock', call, macro: { type: 'macro', name: 'caller', ...signature, body: parseWhole(stream, 'endcall') } }
}

const parseFilterBlock = (stream: TokenStream): Statement => {
  let filter = parseFilter(stream, null)
  while (stream.skip('operator', '|')) filter = parseFilter(stream, filter)
  return { type: 'filterBlock', filter, body: parseWhole(stream, 'endfilter') }
}

const parsePrint = (stream: TokenStream): Statement[] => {
  const printed: Statement[] = []
  while (!stream.is('block_end')) {
    if (printed.length > 0) stream.expect('operator', ',')
    printed.push({ type: 'print', expression: parseExpression(stream) })
  }
  return printed
}

const parseNamedBlock = (stream: TokenStream): Statement => {
  const name = stream.expect('name').value
  stream.skip('name', 'scoped')
  const body = parseWhole(stream, 'endblock')
  stream.skip('name', name)
  return { type: 'block', name, body }
}

const STATEMENTS: Record<string, (stream: TokenStream) => Statement | Statement[]> = {
  for: parseFor,
  if: parseIf,
  set: parseSet,
  with: parseWith,
  macro: parseMacro,
  call: parseCallBlock,
  filter: parseFilterBlock,
  print: parsePrint,
  block: parseNamedBlock,
  break: () => ({ type: 'break' }),
  continue: () => ({ type: 'continue' }),
  generation: (stream) => ({ type: 'generation', body: parseWhole(stream, 'endgeneration') }),
}

interface TargetOptions {
  endsAt?: string
  withAttribute?: boolean
  single?: boolean
}

/** What is assigned to: a name, an attribute of a namespace, or a tuple of them. */
const parseTarget = (stream: TokenStream, { endsAt, withAttribute = false, single = false }: TargetOptions): Expression => {
  const item = (): Expression => parsePrimary(stream, withAttribute)
  const target = single ? item() : parseTuple(stream, { endsAt, item })
  if (!canAssign(target)) stream.fail(`can't assign to ${target.type}`)
  return target
}

const canAssign = (target: Expression): boolean => {
  if (target.type === 'tuple') return target.items.every(canAssign)
  return target.type === 'attributeOfName' || (target.type === 'name' && !['true', 'false', 'none', 'True', 'False', 'None'].includes(target.name))
}

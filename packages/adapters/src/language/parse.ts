import { expressionTooLong, nestedTooDeep, noSuchCall, syntaxError, tooManyTerms } from '../errors.ts'
import { type Expression, type OutputOperator, outputOperators, withoutBrackets } from './expression.ts'
import { lex, type Token } from './lexer.ts'
import { limits } from './limits.ts'

type Call = 'mix' | 'auto' | OutputOperator
const calls: readonly string[] = ['mix', 'auto', ...outputOperators]
const isCall = (name: string): name is Call => calls.includes(name)

/**
 * Reads a composition: `tone/friendly + 0.5*domain/legal@3 + "Answer briefly." + mix(0.5*a, 0.5*b)`.
 *
 *     sum     := term ('+' term)*
 *     term    := number '*' term | factor
 *     factor  := name ['@' version] | "text" | '(' sum ')' | call '(' sum (',' sum)* ')'
 *     version := number | alias | 'sha256:' 64 hex digits
 *     call    := 'mix' | 'experts' | 'product' | 'ensemble' | 'auto'
 *
 * A strength in brackets is a sum of one term: as an operand of a call it is not the operand's own.
 *
 * Errors (400 `expression_syntax`, `expression_too_long`, `nested_too_deep`, `too_many_terms`) carry `details.offset`, and their message shows the place.
 */
export function parse(source: string): Expression {
  if (source.length > limits.length) throw expressionTooLong(source.length, limits.length)
  const tokens = lex(source)
  // Checked here, since every name costs a lookup later. One more than the limit is allowed, for the base model's name.
  const leaves = tokens.filter(({ kind }) => kind === 'name' || kind === 'text').length
  const called = tokens.filter((token, n) => token.kind === 'name' && tokens[n + 1].kind === '(').length
  if (leaves - called > limits.terms + 1) throw tooManyTerms(leaves - called, limits.terms)
  let at = 0
  const peek = (): Token => tokens[at]
  const fail = (token: Token, expected: string): never => {
    throw syntaxError(source, token.offset, `${token.kind === 'end' ? 'the expression ends too early' : `unexpected ${shown(token)}`}; expected ${expected}`)
  }

  function sum(depth: number): Expression {
    if (depth > limits.depth) throw nestedTooDeep(limits.depth, peek().offset)
    const { offset } = peek()
    const terms = [term(depth)]
    while (peek().kind === '+') {
      at++
      terms.push(term(depth))
    }
    return terms.length === 1 ? terms[0] : { kind: 'sum', terms: terms.map(withoutBrackets), offset }
  }

  function term(depth: number): Expression {
    const token = peek()
    if (token.kind !== 'number') return factor(depth)
    at++
    if (peek().kind !== '*') fail(peek(), `"*" after the strength ${token.value}`)
    at++
    if (depth >= limits.depth) throw nestedTooDeep(limits.depth, token.offset)
    return { kind: 'scale', weight: token.value, of: term(depth + 1), offset: token.offset }
  }

  function factor(depth: number): Expression {
    const token = peek()
    at++
    if (token.kind === 'text') return { kind: 'text', text: token.text, offset: token.offset }
    if (token.kind === '(') {
      const inner = sum(depth + 1)
      close('")"')
      return inner.kind === 'scale' ? { kind: 'sum', terms: [inner], offset: inner.offset } : inner
    }
    if (token.kind === 'name') {
      if (peek().kind === '(') {
        if (!isCall(token.name)) throw noSuchCall(source, token.offset, token.name, calls)
        return call(token.name, token.offset, depth)
      }
      if (peek().kind === '*') fail(peek(), 'the strength in front: 0.5*name')
      const { kind: _, name, offset, ...pinned } = token
      return { kind: 'adapter', name, ...pinned, offset }
    }
    at--
    return fail(token, 'a name, a "text", a strength or "("')
  }

  function call(kind: Call, offset: number, depth: number): Expression {
    at++
    const terms = [sum(depth + 1)]
    while (peek().kind === ',') {
      at++
      terms.push(sum(depth + 1))
    }
    close('"," or ")"')
    return { kind, terms, offset }
  }

  function close(expected: string): void {
    if (peek().kind !== ')') fail(peek(), expected)
    at++
  }

  if (peek().kind === 'end') throw syntaxError(source, 0, 'the expression is empty; name a model, an adapter or a route')
  const expression = sum(0)
  if (peek().kind !== 'end') fail(peek(), '"+" or the end')
  return expression
}

const shown = (token: Token): string => {
  if (token.kind === 'name') return `name "${token.name}"`
  if (token.kind === 'number') return `number ${token.value}`
  return token.kind === 'text' ? 'text' : `"${token.kind}"`
}

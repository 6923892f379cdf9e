import { templateSyntax } from '../../errors.ts'
import type { Token } from './lexer.ts'

/** Tokens read from left to right. */
export class TokenStream {
  readonly #tokens: readonly Token[]
  #at = 0
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }
  get current(): Token {
    return this.#tokens[this.#at]
  }
  look(ahead = 1): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]
  }
  next(): Token {
    return this.#tokens[this.current.type === 'end' ? this.#at : this.#at++]
  }
  is(type: Token['type'], ...values: string[]): boolean {
    return this.current.type === type && (values.length === 0 || values.includes(this.current.value))
  }
  isOperator(...values: string[]): boolean {
    return this.is('operator', ...values)
  }
  /** Reads the token if it is this one. */
  skip(type: Token['type'], value: string): boolean {
    if (!this.is(type, value)) return false
    this.next()
    return true
  }
  expect(type: Token['type'], value?: string): Token {
    if (!(value === undefined ? this.is(type) : this.is(type, value))) this.fail(`expected ${value ?? type}, got ${this.current.value}`)
    return this.next()
  }
  fail(problem: string): never {
    throw templateSyntax(this.current.line, problem)
  }
}

import { ArgumentsEnd, callClose, callOpen, markAtEnd } from '@weft/protocol'
import type { ToolCalls } from '../grammar/functions/tool-calls.ts'
import { type CallForm, escaped, expressionOf, ours, partsOf } from './call-form.ts'

/** What is told of the text that came in: it is as it is, or another text. */
export type Told = 'same' | { text: string }

/** Reads an answer piece by piece, which the grammar kept to a form of calls, and tells its calls as the edge reads them. */
export class CallReader {
  readonly #form: CallForm
  readonly #optional: boolean
  /** Whether calls stand at the beginning alone. */
  readonly #first: boolean
  readonly #header: RegExp
  readonly #next: RegExp | null
  /** What a call may begin with that has no mark. */
  readonly #beginnings: readonly string[]
  #mode: 'text' | 'called' | 'plain' = 'text'
  /** Of which it is not told yet what it is; behind a call, what may lead to the next. */
  #held = ''
  #end = new ArgumentsEnd()

  constructor({ functions, optional, text, form = ours }: ToolCalls) {
    const { mark, opening, before, between, next } = form
    this.#form = form
    this.#optional = optional
    this.#first = !optional || mark === '' || text !== undefined
    const names = functions.map(({ name }) => escaped(name)).join('|')
    // A name that nothing ends is ended by the arguments.
    const header = `${expressionOf(partsOf(before))}(${names})${expressionOf(partsOf(between))}${between === '' ? '(?=\\{)' : ''}`
    this.#header = new RegExp(`^${optional ? expressionOf(partsOf(opening)) : ''}${header}`)
    this.#next = next === null ? null : new RegExp(`^${expressionOf(partsOf(form.behind))}${expressionOf(partsOf(next))}${header}`)
    this.#beginnings = functions.map(({ name }) => `${opening}${before}${name}${between}`)
  }

  push(piece: string): Told | 'held' {
    if (this.#mode === 'plain') return 'same'
    if (this.#mode === 'called') return { text: this.#calls(piece) }
    this.#held += piece
    const held = this.#held
    const { mark } = this.#form
    const at = !this.#optional || mark === '' ? 0 : held.indexOf(mark)
    if (at === 0 || (at > 0 && !this.#first)) {
      const found = this.#header.exec(held.slice(at + (this.#optional ? mark.length : 0)))
      if (found) {
        this.#mode = 'called'
        this.#held = ''
        const rest = held.slice(at + (this.#optional ? mark.length : 0) + found[0].length)
        return { text: `${held.slice(0, at)}${this.#optional ? callOpen : ''}${this.#begin(found[1]!)}${this.#calls(rest)}` }
      }
      // The grammar lets nothing but a call follow its mark; what has none may still be text.
      if (!this.#optional || mark !== '' || this.#beginnings.some((begun) => begun.startsWith(held))) return 'held'
    } else if (this.#first ? mark.startsWith(held) : markAtEnd(held, mark) > 0) return 'held'
    this.#held = ''
    if (this.#first) this.#mode = 'plain'
    return 'same'
  }

  /** What was held when the answer ended. */
  end(): Told {
    const at = this.#mode === 'text' && this.#optional && this.#form.mark !== '' ? this.#held.indexOf(this.#form.mark) : -1
    // A call that is cut off before its arguments is none, and no text either.
    return at < 0 ? 'same' : { text: this.#held.slice(0, at) }
  }

  #begin(name: string): string {
    this.#end = new ArgumentsEnd()
    return `${ours.before}${name}${ours.between}`
  }

  /** What the edge reads of arguments, and of calls behind them. */
  #calls(text: string): string {
    if (this.#end.ended) {
      this.#held += text
      const found = this.#optional ? this.#next?.exec(this.#held) : null
      if (!found) return ''
      const rest = this.#held.slice(found[0].length)
      this.#held = ''
      return `${callClose}${callOpen}${this.#begin(found[1]!)}${this.#calls(rest)}`
    }
    const end = this.#end.read(text)
    return this.#end.ended ? `${text.slice(0, end)}}${this.#calls(text.slice(end))}` : text
  }
}

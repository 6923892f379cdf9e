import { ArgumentsEnd, callClose, callOpen, markAtEnd, type ToolCall, type ToolCallDelta } from '@weft/protocol'
import { newId } from '../identifiers.ts'
import type { CallForm } from './tool-choice.ts'

/** What a piece of an answer added. */
export interface Added {
  content: string
  calls: ToolCallDelta[]
}

/** Before the arguments of a call, as the runner's grammar writes it. */
const header = /^\n?\{"name": ("[^"]*"), "arguments": /

/** Tells calls from text, piece by piece, in an answer that the runner kept to the form that was asked for. */
export class ToolCallReader {
  readonly #form: CallForm
  #mode: 'text' | 'formed' | 'header' | 'arguments' | 'behind'
  #held = ''
  /** Whether an answer of some form has told what it is. */
  #begun = false
  #calls = -1
  #end = new ArgumentsEnd()

  constructor(form: CallForm) {
    this.#form = form
    this.#mode = form.kind !== 'tagged' ? 'header' : form.formed ? 'formed' : 'text'
  }

  /** Whether any call has begun. */
  get called(): boolean {
    return this.#calls >= 0
  }

  /** Whether the last call has no end: a stop, or the end of the tokens, stands in it. */
  get isCut(): boolean {
    return this.called && this.#mode === 'arguments'
  }

  push(piece: string): Added {
    const added: Added = { content: '', calls: [] }
    if (this.#form.kind === 'arguments' && !this.called) this.#begin(this.#form.name, added)
    for (let rest = this.#held + piece; rest !== ''; ) {
      this.#held = ''
      rest = this.#read(rest, added)
      if (this.#held !== '') break
    }
    return added
  }

  /** What was held back because a call might have begun with it. */
  flush(): Added {
    const content = this.#mode === 'text' || this.#mode === 'formed' ? this.#held : ''
    this.#held = ''
    return { content, calls: [] }
  }

  /** Reads some of a text and returns the rest of it; what cannot be told yet is held. */
  #read(text: string, added: Added): string {
    switch (this.#mode) {
      case 'text': {
        const at = text.indexOf(callOpen)
        if (at >= 0) {
          added.content += text.slice(0, at)
          this.#mode = 'header'
          return text.slice(at + callOpen.length)
        }
        const held = markAtEnd(text, callOpen)
        added.content += text.slice(0, text.length - held)
        this.#held = text.slice(text.length - held)
        return ''
      }
      // A call can only stand at the beginning: the tag within a text of some form is a part of it.
      case 'formed': {
        if (this.#begun) {
          added.content += text
          return ''
        }
        if (callOpen.startsWith(text) && text !== callOpen) {
          this.#held = text
          return ''
        }
        this.#begun = true
        if (!text.startsWith(callOpen)) return text
        this.#mode = 'header'
        return text.slice(callOpen.length)
      }
      case 'header': {
        const found = header.exec(text)
        if (!found) {
          this.#held = text
          return ''
        }
        this.#begin(JSON.parse(found[1]) as string, added)
        return text.slice(found[0].length)
      }
      case 'arguments': {
        // The space between a name that stands in the prompt and its arguments.
        if (!this.#end.begun && text.startsWith(' ')) return text.slice(1)
        const end = this.#end.read(text)
        if (this.#end.ended) this.#mode = 'behind'
        const last = added.calls.at(-1)
        if (last?.index === this.#calls) last.function.arguments += text.slice(0, end)
        else added.calls.push({ index: this.#calls, function: { arguments: text.slice(0, end) } })
        return text.slice(end)
      }
      case 'behind': {
        const at = text.indexOf(callOpen, text.indexOf(callClose))
        if (this.#form.kind !== 'tagged') return ''
        if (at < 0 || !text.includes(callClose)) {
          this.#held = text
          return ''
        }
        this.#mode = 'header'
        return text.slice(at + callOpen.length)
      }
    }
  }

  #begin(name: string, added: Added): void {
    this.#mode = 'arguments'
    this.#end = new ArgumentsEnd()
    this.#calls++
    added.calls.push({ index: this.#calls, id: newId('call'), type: 'function', function: { name, arguments: '' } })
  }
}

/** The calls and the text of a whole answer. */
export function readToolCalls(form: CallForm, text: string): { content: string; calls: ToolCall[]; isCut: boolean } {
  const reader = new ToolCallReader(form)
  const { content, calls } = reader.push(text)
  return {
    content: content + reader.flush().content,
    isCut: reader.isCut,
    calls: calls.map(({ id, function: { name, arguments: written } }) => ({ id: id!, type: 'function', function: { name: name!, arguments: written } })),
  }
}

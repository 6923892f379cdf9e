import type { ChosenLogprob, FunctionCall, OutputItem, OutputMessage, ResponseEvent, ToolCallDelta } from '@weft/protocol'
import { newId } from '../identifiers.ts'
import { functionCall, message } from './output-items.ts'

type WithoutNumber<E> = E extends unknown ? Omit<E, 'sequenceNumber'> : never
/** An event that has yet to get its number. */
export type Unnumbered = WithoutNumber<ResponseEvent>

type Status = OutputMessage['status']
type Open =
  | { kind: 'message'; id: string; text: string; logprobs: ChosenLogprob[] }
  | { kind: 'call'; id: string; callId: string; name: string; written: string }

/** The items of an answer as they come, one after another: each is opened, grows, and is closed by the next. */
export class StreamedItems {
  /** Items that are whole. */
  readonly done: OutputItem[] = []
  #open: Open | undefined
  /** Of tokens whose text has yet to come, or is a part of a call. */
  #waiting: ChosenLogprob[] = []

  #place() {
    return { outputIndex: this.done.length }
  }

  /** More text of the answer. */
  *text(delta: string, logprob?: ChosenLogprob): Generator<Unnumbered> {
    if (logprob) this.#waiting.push(logprob)
    if (delta === '') return
    const open = yield* this.#message()
    const logprobs = this.#waiting.splice(0)
    open.text += delta
    open.logprobs.push(...logprobs)
    yield { type: 'response.output_text.delta', ...this.#part(open), delta, logprobs }
  }

  /** More of a call: its name first. */
  *call({ id, function: { name, arguments: delta } }: ToolCallDelta): Generator<Unnumbered> {
    this.#waiting = []
    if (id !== undefined && name !== undefined) {
      yield* this.#close('completed')
      this.#open = { kind: 'call', id: newId('fc', '_'), callId: id, name, written: '' }
      yield { type: 'response.output_item.added', ...this.#place(), item: this.#item('in_progress')! }
    }
    if (this.#open?.kind !== 'call' || delta === '') return
    this.#open.written += delta
    yield { type: 'response.function_call_arguments.delta', ...this.#at(this.#open), delta }
  }

  /** An answer without anything is a message without text. */
  *end(status: Status): Generator<Unnumbered> {
    if (!this.#open) yield* this.#message()
    yield* this.#close(status)
  }

  *#message(): Generator<Unnumbered, Extract<Open, { kind: 'message' }>> {
    if (this.#open?.kind === 'message') return this.#open
    yield* this.#close('completed')
    const open: Open = { kind: 'message', id: newId('msg', '_'), text: '', logprobs: [] }
    this.#open = open
    yield { type: 'response.output_item.added', ...this.#place(), item: { ...message('', 'in_progress', [], open.id), content: [] } }
    yield { type: 'response.content_part.added', ...this.#part(open), part: message('', 'in_progress').content[0]! }
    return open
  }

  *#close(status: Status): Generator<Unnumbered> {
    const open = this.#open
    if (!open) return
    const item = this.#item(status)!
    if (open.kind === 'message') {
      open.logprobs.push(...this.#waiting.splice(0))
      const [part] = (item as OutputMessage).content
      yield { type: 'response.output_text.done', ...this.#part(open), text: open.text, logprobs: open.logprobs }
      yield { type: 'response.content_part.done', ...this.#part(open), part: part! }
    } else yield { type: 'response.function_call_arguments.done', ...this.#at(open), name: open.name, arguments: open.written }
    yield { type: 'response.output_item.done', ...this.#place(), item }
    this.done.push(item)
    this.#open = undefined
  }

  #item(status: Status): OutputMessage | FunctionCall | undefined {
    const open = this.#open
    return open?.kind === 'message' ? message(open.text, status, open.logprobs, open.id) : open && functionCall({ ...open, status })
  }

  #at({ id }: Open) {
    return { itemId: id, ...this.#place() }
  }

  #part(open: Open) {
    return { ...this.#at(open), contentIndex: 0 }
  }
}

import { parseWritten } from '@weft/adapters'
import type { ChatCompletionChunk } from '@weft/protocol'

type Delta = ChatCompletionChunk['choices'][number]['delta']

/** Calls of functions that a stream makes, put together from its pieces. */
export class MadeCalls {
  readonly #calls: { name: string; given: string }[] = []

  add(pieces: Delta['toolCalls']): void {
    for (const { index, function: called } of pieces ?? []) {
      this.#calls[index] ??= { name: '', given: '' }
      const call = this.#calls[index]
      call.name += called?.name ?? ''
      call.given += called?.arguments ?? ''
    }
  }

  /** `track({"parcel":3})`, one a line. */
  get lines(): string[] {
    return this.#calls.map(({ name, given }) => `${name}(${inOneLine(given)})`)
  }
}

/** Arguments without white space; as they are where an answer broke off in them. */
const inOneLine = (given: string): string => {
  try {
    return JSON.stringify(parseWritten(given))
  } catch {
    return given
  }
}

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

  /** `track({"parcel":3})`, one a line; one that the answer broke off in ends as it does. */
  get lines(): string[] {
    return this.#calls.map(({ name, given }) => `${name}(${inOneLine(given) ?? `${given} …`}`)
  }
}

/** Arguments without white space, and the bracket behind them; nothing where an answer broke off in them. */
const inOneLine = (given: string): string | undefined => {
  try {
    return `${JSON.stringify(parseWritten(given))})`
  } catch {
    return undefined
  }
}

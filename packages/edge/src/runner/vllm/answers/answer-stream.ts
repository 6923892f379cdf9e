import type { ChosenLogprob, GenerateEvent, GenerateToken, Usage } from '@weft/protocol'
import { createParser } from 'eventsource-parser'
import { runnerProtocol, runnerUnavailable } from '../../../errors.ts'
import { refusedByVllm } from '../errors.ts'
import type { AnswerPiece } from './answer-pieces.ts'

/** Says where in the answer's text each token begins, in Unicode characters. */
export class TextOffsets {
  #characters = 0

  of(logprobs: AnswerPiece['logprobs']): ChosenLogprob[] {
    return logprobs.map((logprob) => {
      const textOffset = this.#characters
      this.#characters += [...logprob.token].length
      return { ...logprob, textOffset }
    })
  }
}

/** The tokens of a piece, one event each; its text goes with the last, which completes it. */
function tokenEvents({ text, tokens, logprobs }: AnswerPiece, offsets: TextOffsets): GenerateToken[] {
  const told = offsets.of(logprobs)
  return tokens.map((token, at) => ({ token, text: at === tokens.length - 1 ? text : '', ...(told[at] && { logprob: told[at] }) }))
}

/** vLLM's event stream as ours. Ends after the end event; a stream that stops before it is a server that died. */
export async function* answerEvents<C>(
  body: ReadableStream<Uint8Array>,
  pieceOf: (choice: C) => AnswerPiece,
  usageOf: (completionTokens: number) => Usage,
): AsyncGenerator<GenerateEvent> {
  const decoder = new TextDecoder()
  const offsets = new TextOffsets()
  const arrived: string[] = []
  const parser = createParser({ onEvent: ({ data }) => arrived.push(data) })
  let completionTokens = 0
  // Text that came with the token that ends the answer belongs to the token before it.
  let last: GenerateToken | undefined
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }))
    for (const data of arrived.splice(0)) {
      if (data === '[DONE]') continue
      const choice = choiceOf<C>(data)
      if (!choice) continue
      const piece = pieceOf(choice)
      completionTokens += piece.tokens.length
      for (const event of tokenEvents(piece, offsets)) {
        if (last) yield last
        last = event
      }
      if (last && piece.tokens.length === 0) last.text += piece.text
      if (!piece.finishReason) continue
      if (last) yield last
      yield { finishReason: piece.finishReason, usage: usageOf(completionTokens) }
      return
    }
  }
  throw runnerUnavailable('vLLM stopped in the middle of an answer')
}

/** The one choice of an event, if it has any. */
function choiceOf<C>(data: string): C | undefined {
  let event: { choices?: C[]; error?: { message?: string } }
  try {
    event = JSON.parse(data)
  } catch {
    throw runnerProtocol(`an event of vLLM's that is not JSON: ${data.slice(0, 80)}`)
  }
  if (event.error) throw refusedByVllm(502, event.error.message ?? 'it failed in the middle of an answer')
  return event.choices?.[0]
}

import type { ChosenLogprob, FunctionCall, GenerateEnd, GenerateResponse, OutputItem, OutputMessage, TokenLogprob } from '@weft/protocol'
import { readToolCalls } from '../generation/tool-call-reader.ts'
import type { CallForm } from '../generation/tool-choice.ts'
import { newId } from '../identifiers.ts'

type Status = OutputMessage['status']

/** Text and calls as items; text that is nothing is left out beside calls. Log-probabilities are those of the text. */
export function outputItems({ text, logprobs, finishReason }: GenerateResponse, form: CallForm | null): OutputItem[] {
  const { content, calls, isCut } = form ? readToolCalls(form, text) : { content: text, calls: [], isCut: false }
  const status = itemStatus(finishReason)
  const items: OutputItem[] = calls.map(({ id, function: { name, arguments: written } }, i) =>
    functionCall({ callId: id, name, written, status: isCut && i === calls.length - 1 ? 'incomplete' : status }),
  )
  if (content === '' && calls.length > 0) return items
  return [message(content, status, logprobs && (calls.length > 0 ? before(logprobs, content) : logprobs).map(asChosen)), ...items]
}

/** The tokens of a text that calls follow. */
function before(logprobs: readonly ChosenLogprob[], text: string): readonly ChosenLogprob[] {
  const length = [...text].length
  const behind = logprobs.findIndex(({ textOffset }) => textOffset !== undefined && textOffset >= length)
  return behind < 0 ? logprobs : logprobs.slice(0, behind)
}

const entry = ({ token, logprob, bytes = null }: TokenLogprob): TokenLogprob => ({ token, logprob, bytes })

/** A token's log-probability as OpenAI's responses have it. */
export const asChosen = (logprob: ChosenLogprob): ChosenLogprob => ({ ...entry(logprob), topLogprobs: logprob.topLogprobs.map(entry) })

export const itemStatus = (finishReason: GenerateEnd['finishReason']): Status => (finishReason === 'stop' ? 'completed' : 'incomplete')

export const message = (text: string, status: Status, logprobs?: ChosenLogprob[], id = newId('msg', '_')): OutputMessage => ({
  type: 'message',
  id,
  role: 'assistant',
  status,
  content: [{ type: 'output_text', text, annotations: [], logprobs: logprobs ?? [] }],
})

export const functionCall = ({
  callId,
  name,
  written,
  status,
  id = newId('fc', '_'),
}: {
  callId: string
  name: string
  written: string
  status: Status
  id?: string
}): FunctionCall => ({
  type: 'function_call',
  id,
  status,
  callId,
  name,
  arguments: written,
})

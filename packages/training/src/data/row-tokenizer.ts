import { type LoadedModel, noTokenizer } from '@weft/model'
import { allShown } from '@weft/model/tokenizer/all-shown'
import type { RowTokenizer } from './token-row.ts'

/** What the data needs of a model's tokenizer and template. Error `no_tokenizer`. */
export const rowTokenizer = ({ tokenizer, chat, name }: LoadedModel): RowTokenizer => {
  if (!tokenizer) throw noTokenizer(name)
  return {
    encode: tokenizer.encode.bind(tokenizer),
    stream: () => tokenizer.stream({ skipSpecialTokens: false }),
    eosTokenId: tokenizer.eosTokenIds[0],
    renderChat: (messages) => {
      const shown = allShown(chat, messages, { addGenerationPrompt: false })
      const { text, assistantSpans } = chat.renderWithSpans(shown)
      // What the assistant says stays in messages of its own: those are the ones that were given.
      const places = new Map(messages.map((message, i) => [message, i]))
      return { text, assistantSpans: assistantSpans.map((span) => ({ ...span, message: span.message === null ? null : places.get(shown[span.message]!)! })) }
    },
  }
}

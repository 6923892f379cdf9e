import { chatTurns } from '@weft/inference/chat/chat-prompt'
import { type LoadedModel, noTokenizer } from '@weft/model'
import { learnedChat } from './asked-turns.ts'
import type { RowTokenizer } from './token-row.ts'

/** What the data needs of a model's tokenizer and template. Error `no_tokenizer`. */
export const rowTokenizer = ({ tokenizer, chat, name }: LoadedModel): RowTokenizer => {
  if (!tokenizer) throw noTokenizer(name)
  return {
    encode: tokenizer.encode.bind(tokenizer),
    stream: () => tokenizer.stream({ skipSpecialTokens: false }),
    eosTokenId: tokenizer.eosTokenIds[0],
    renderChat: (messages, tools) => learnedChat(chat, chatTurns(chat, messages), tools),
  }
}

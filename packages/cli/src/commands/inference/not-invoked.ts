import type { NotInvoked } from '@weft/protocol'

/** What waited for tokens that were not among the prompt's, for people. What a prompt looks like does not say it: a text may be cut into other tokens beside others. */
export const notInvokedText = (missing: NotInvoked, asked: 'text' | 'chat'): string => {
  const waits = missing.map(({ text, tokens }) => `${JSON.stringify(text)} as the tokens [${tokens.join(', ')}]`).join(' and for ')
  const where =
    asked === 'text'
      ? 'The tokens of the prompt are others: end the prompt with that text, and with no space or line behind it.'
      : "The tokens of the chat, as the model's template writes it, are others: put that text on a line of its own into the last message, or ask without --chat with a prompt that ends in it."
  return `An adapter did nothing: it waits for ${waits}. ${where}`
}

import { type NotInvoked, notInvokedText } from '@weft/protocol'

/** What waited in vain, and what to do on the command line. */
export const notInvokedLine = (missing: NotInvoked, asked: 'text' | 'chat'): string =>
  `${notInvokedText(missing)} ${
    asked === 'text'
      ? 'The tokens of the prompt are others: end the prompt with that text, and with no space or line behind it.'
      : "The tokens of the chat, as the model's template writes it, are others: put that text on a line of its own into the last message, or ask without --chat with a prompt that ends in it."
  }`

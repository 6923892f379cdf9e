import type { NotInvoked } from '@weft/protocol'

/** What waited for tokens that the prompt did not hold, for people. */
export const notInvokedText = (missing: NotInvoked): string =>
  `An adapter did nothing: it waits for ${missing.map(({ text }) => JSON.stringify(text)).join(' and ')}, and the prompt does not hold that. End the prompt with it.`

import * as z from 'zod/mini'

/** Invocations whose tokens are not among the prompt's, whatever its text looks like: the adapters that wait for them did nothing. Absent where every one was there. */
export const notInvokedSchema = z.optional(z.array(z.object({ tokens: z.array(z.int()), text: z.string() })))
export type NotInvoked = NonNullable<z.infer<typeof notInvokedSchema>>

/** What waited for tokens that were not among the prompt's, for people. What a prompt looks like does not say it: a text may be cut into other tokens beside others. */
export const notInvokedText = (missing: NotInvoked): string =>
  `An adapter did nothing: it waits for ${missing.map(({ text, tokens }) => `${JSON.stringify(text)} as the tokens [${tokens.join(', ')}]`).join(' and for ')}.`

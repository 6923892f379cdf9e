import * as z from 'zod/mini'

/** Invocations whose tokens are not among the prompt's, whatever its text looks like: the adapters that wait for them did nothing. Absent where every one was there. */
export const notInvokedSchema = z.optional(z.array(z.object({ tokens: z.array(z.int()), text: z.string() })))
export type NotInvoked = NonNullable<z.infer<typeof notInvokedSchema>>

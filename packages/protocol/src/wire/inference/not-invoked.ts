import * as z from 'zod/mini'

/** Invocations that a prompt does not hold: the adapters that wait for them did nothing. Absent where every one was there. */
export const notInvokedSchema = z.optional(z.array(z.object({ tokens: z.array(z.int()), text: z.string() })))
export type NotInvoked = NonNullable<z.infer<typeof notInvokedSchema>>

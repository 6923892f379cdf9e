import { mapOf } from '@weft/adapters'
import * as z from 'zod/mini'

/** A caller's own labels of a job or a batch, as OpenAI bounds them: 16 of 64 characters, each with 512. */
export const metadataSchema = mapOf(z.string().check(z.maxLength(512)), {
  most: 16,
  keyProblem: (key) => (key.length > 64 ? 'a name has at most 64 characters' : undefined),
})

import { taskTypes } from '@weft/adapters'
import * as z from 'zod/mini'

export const modelObjectSchema = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  ownedBy: z.string(),
  /** What the name stands for; a composition is not listed, and has its expression as its name. */
  kind: z.optional(z.enum(['base', 'route', 'adapter', 'composition'])),
  /** Of a route, and of a composition with the versions that its names stand for. */
  composition: z.optional(z.string()),
  /** The base model that it is, composes over, or was trained for; a stored text is of none. */
  base: z.optional(z.string()),
  /** What it does, in PEFT's words; of a base model the first of what it can. */
  task: z.optional(z.enum(taskTypes)),
  /** Of an adapter under its bare name or an alias: the version that this stands for. */
  adapter: z.optional(z.string()),
  /** False for an adapter of a base model that the runner does not hold; such are not listed. */
  available: z.optional(z.boolean()),
})
export type ModelObject = z.infer<typeof modelObjectSchema>
export const modelListSchema = z.object({ object: z.literal('list'), data: z.array(modelObjectSchema) })

import * as z from 'zod/mini'

export const modelObjectSchema = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  ownedBy: z.string(),
  /** What the name stands for. */
  kind: z.optional(z.enum(['base', 'route', 'adapter'])),
  composition: z.optional(z.string()),
})
export type ModelObject = z.infer<typeof modelObjectSchema>
export const modelListSchema = z.object({ object: z.literal('list'), data: z.array(modelObjectSchema) })

import { taskTypes } from '@weft/adapters'
import { hyperparametersSchema } from '@weft/methods'
import * as z from 'zod/mini'

/** A method that adapters are trained with. */
export const methodObjectSchema = z.object({
  /** What stands in `method.type` of a job. */
  id: z.string(),
  object: z.literal('method'),
  description: z.optional(z.string()),
  paper: z.optional(z.string()),
  /** Where its adapters act. */
  sites: z.array(z.string()),
  /** What it can be trained for. */
  tasks: z.array(z.enum(taskTypes)),
  /** Base models of the runner that it can be trained over; none are named while there is no runner. */
  bases: z.array(z.string()),
  /** JSON schema of what stands under the method's name in a job. */
  config: z.unknown(),
  /** What a job is trained with that says nothing of its own: the method's, beneath them the deployment's. */
  hyperparameters: hyperparametersSchema,
  /** Its rate over the bases on which it is another: a wide model wants less. */
  learningRates: z.optional(z.record(z.string(), z.number())),
  /** True of the one that a job without a method is trained with. */
  isDefault: z.optional(z.literal(true)),
})
export const methodListSchema = z.object({ object: z.literal('list'), data: z.array(methodObjectSchema) })
export type MethodList = z.infer<typeof methodListSchema>
export type MethodObject = MethodList['data'][number]

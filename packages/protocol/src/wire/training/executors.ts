import * as z from 'zod/mini'

/** The name of an executor that the deployment declares. */
export const executorNameSchema = z.string().check(z.minLength(1), z.maxLength(64))

/** Something that a job trained elsewhere has not, or has otherwise. */
export const differenceSchema = z.object({
  /** For programs: `resume`. */
  what: z.string(),
  message: z.string(),
})
export type Difference = z.infer<typeof differenceSchema>

/** Who trains the jobs that name it, in place of a runner of Weft. */
export const executorObjectSchema = z.object({
  /** What stands in a job's `executor`. */
  id: z.string(),
  object: z.literal('executor'),
  kind: z.enum(['local', 'ray', 'kubeflow']),
  available: z
    .boolean()
    .check(
      z.describe(
        'Whether this edge can ask for trainers there now. A process beside the edge (`local`) needs an edge on Node and a Python that finds the trainer; the others are asked whether they answer, with the token that they are declared with.',
      ),
    ),
  /** Why it is not, and what to do. */
  reason: z.optional(z.string()),
  /** Methods that it trains. */
  methods: z.array(z.string()),
  /** Base models that its trainers find. */
  models: z.array(z.string()),
  /** What is lost, or other, beside a job that a runner of Weft trains. */
  differences: z.array(differenceSchema),
})
export const executorListSchema = z.object({ object: z.literal('list'), data: z.array(executorObjectSchema) })
export type ExecutorList = z.infer<typeof executorListSchema>
export type ExecutorObject = ExecutorList['data'][number]

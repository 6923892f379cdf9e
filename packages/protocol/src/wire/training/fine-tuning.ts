import { expecting, mapOf, methodConfigSchema, newNameSchema, phaseFields, poolingSchema, snakeCase, verdictSchema } from '@weft/adapters'
import { givenHyperparametersSchema, hyperparametersSchema } from '@weft/methods'
import * as z from 'zod/mini'
import { seedSchema } from '../inference/sampling.ts'
import { eventDataSchema } from '../runner.ts'
import { differenceSchema, executorNameSchema } from './executors.ts'
import { metadataSchema } from './metadata.ts'
import { jointSchema } from './training-spec.ts'

const hyperparameterNames = Object.keys(hyperparametersSchema.shape)

const withoutAutoOf =
  (names: ReadonlySet<string>) =>
  (given: unknown): unknown =>
    given !== null && typeof given === 'object' && !Array.isArray(given)
      ? Object.fromEntries(Object.entries(given).filter(([name, value]) => (value !== 'auto' && value !== null) || !names.has(name)))
      : given

/**
 * Hyperparameters as the wire spells them, without those that are "auto", or null: so OpenAI's clients say what they leave to the server. What is no
 * hyperparameter stays, and is refused as any other would be.
 */
export const withoutAuto = withoutAutoOf(new Set(hyperparameterNames.map(snakeCase)))

const withoutAutoInCode = withoutAutoOf(new Set(hyperparameterNames))

/** The same as code spells them, and what was meant so but is written otherwise is told. */
const leftToServer = z.transform((given: unknown, { issues }) => {
  for (const [name, value] of given !== null && typeof given === 'object' ? Object.entries(given) : [])
    if (value !== 'auto' && typeof value === 'string' && value.trim().toLowerCase() === 'auto')
      issues.push({ code: 'custom', path: [name], input: value, message: `expected a value, or "auto" in small letters, got ${JSON.stringify(value)}` })
  return withoutAutoInCode(given)
})

/** The hyperparameters of a job, as they were asked for. */
export const askedHyperparametersSchema = z.pipe(leftToServer, givenHyperparametersSchema)

/** The id of an uploaded file. */
const fileIdSchema = z.string().check(z.minLength(1), z.maxLength(64))

/** The name alone is what people write first. */
const methodWritten = (given: unknown): string =>
  `an object with the method as its type: {"type": ${typeof given === 'string' && given.length <= 64 ? JSON.stringify(given) : '…'}}`

const askedMethodSchema = z.catchall(z.object({ type: z.string().check(z.maxLength(64)) }, expecting(methodWritten)), z.nullable(methodConfigSchema))

/** `POST /v1/fine_tuning/jobs`. The method's config stands under the method's own name, as OpenAI's does. */
export const createJobSchema = z.strictObject({
  model: z.string().check(z.minLength(1), z.maxLength(128)),
  trainingFile: fileIdSchema,
  validationFile: z.optional(z.nullable(fileIdSchema)),
  /** The name to publish under: `style/speech`; a fresh one when absent. */
  suffix: z.optional(z.nullable(newNameSchema)),
  /** `{ type: 'prompt-tuning', 'prompt-tuning': { … } }`. OpenAI's `supervised`, or none, is the deployment's own method. */
  method: z.optional(z.nullable(askedMethodSchema)),
  hyperparameters: z.prefault(z.pipe(leftToServer, hyperparametersSchema), {}),
  /** What a classifier of texts reads; `peft` when absent. */
  pooling: z.optional(poolingSchema),
  ...phaseFields,
  /** Reference text for `locality` and `partners`: an uploaded file. Without it, the bundled corpora. */
  foreignFile: z.optional(z.nullable(fileIdSchema)),
  /** Whether the adapter carries up to 64 inputs of the training file, without their answers: what `locality` of later jobs is silent on. */
  probes: z.optional(z.nullable(z.boolean())),
  /** Jobs with the same word here, over one base and queued together, train in one batch. Each gets what it would get alone, in less time. */
  joint: z.optional(z.nullable(jointSchema)),
  /** Who trains it, of those that the deployment declares; a runner of Weft when absent. */
  executor: z.optional(z.nullable(executorNameSchema)),
  seed: z._default(z.nullable(seedSchema), 0),
  metadata: z.optional(z.nullable(metadataSchema)),
})
export type CreateJob = z.infer<typeof createJobSchema>

const jobStatusSchema = z.enum(['validating_files', 'queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled'])
export type JobStatus = z.infer<typeof jobStatusSchema>
export const isFinal = (status: JobStatus): boolean => status === 'succeeded' || status === 'failed' || status === 'cancelled'

/** A training job as the outside sees it. Times are seconds since 1970. */
export const jobSchema = z.object({
  id: z.string(),
  object: z.literal('fine_tuning.job'),
  /** The tenant whose it is. Jobs that were made before it was told have none. */
  organizationId: z.optional(z.string()),
  createdAt: z.int(),
  finishedAt: z.nullable(z.int()),
  model: z.string(),
  /** `name@version` of the published adapter. */
  fineTunedModel: z.nullable(z.string()),
  suffix: z.string(),
  status: jobStatusSchema,
  trainingFile: z.string(),
  validationFile: z.nullable(z.string()),
  method: z.catchall(z.object({ type: z.string() }), z.nullable(methodConfigSchema)),
  hyperparameters: hyperparametersSchema,
  pooling: z.optional(poolingSchema),
  ...phaseFields,
  foreignFile: z.optional(z.nullable(z.string())),
  probes: z.optional(z.nullable(z.boolean())),
  /** The adapters on whose probes `locality` has it silent, each `name@version`. */
  silentOn: z.optional(z.array(z.string())),
  /** The stack that it is settled in. */
  settles: z.optional(z.string()),
  joint: z.optional(z.nullable(jointSchema)),
  /** Who trains it, where that is no runner of Weft, and what it is without there. */
  executor: z.optional(z.nullable(z.string())),
  differences: z.optional(z.array(differenceSchema)),
  seed: z.int(),
  metadata: z.optional(z.nullable(metadataSchema)),
  trainedTokens: z.optional(z.nullable(z.int())),
  estimatedFinish: z.optional(z.nullable(z.int())),
  error: z.nullable(z.object({ code: z.string(), message: z.string(), param: z.optional(z.nullable(z.string())) })),
  /** Files with what was measured on the way: `step_metrics.csv`. */
  resultFiles: z.optional(z.array(z.string())),
  step: z.optional(z.int()),
  totalSteps: z.optional(z.int()),
  loss: z.optional(z.nullable(z.number())),
  evalLoss: z.optional(z.nullable(z.number())),
  etaS: z.optional(z.nullable(z.number())),
  /** What it waits for, where it cannot go on now, and since when: a runner or an executor that does not answer. */
  waits: z.optional(z.nullable(z.object({ code: z.string(), message: z.string(), since: z.int() }))),
  /** What training came to, once the job has succeeded. */
  verdict: z.optional(verdictSchema),
})
export type FineTuningJob = z.infer<typeof jobSchema>
export const jobListSchema = z.object({ object: z.literal('list'), data: z.array(jobSchema), hasMore: z.boolean() })

export const jobEventSchema = z.object({
  id: z.string(),
  object: z.literal('fine_tuning.job.event'),
  createdAt: z.int(),
  level: z.enum(['info', 'warn', 'error']),
  type: z.enum(['message', 'metrics']),
  message: z.string(),
  data: z.optional(z.nullable(eventDataSchema)),
})
export type FineTuningJobEvent = z.infer<typeof jobEventSchema>
export const jobEventListSchema = z.object({ object: z.literal('list'), data: z.array(jobEventSchema), hasMore: z.boolean() })

const checkpointSchema = z.object({
  id: z.string(),
  object: z.literal('fine_tuning.job.checkpoint'),
  createdAt: z.int(),
  fineTuningJobId: z.string(),
  stepNumber: z.int(),
  metrics: mapOf(z.number()),
})
export type JobCheckpoint = z.infer<typeof checkpointSchema>
/** Newest first. */
export const jobCheckpointListSchema = z.object({
  object: z.literal('list'),
  data: z.array(checkpointSchema),
  hasMore: z.boolean(),
  firstId: z.nullable(z.string()),
  lastId: z.nullable(z.string()),
})

import { digestSchema, methodConfigSchema, phaseFields, poolingSchema, taskTypeSchema } from '@weft/adapters'
import { hyperparametersSchema } from '@weft/methods'
import * as z from 'zod/mini'

/** A name that several jobs of one base share, to be trained in one batch. */
export const jointSchema = z.string().check(z.minLength(1), z.maxLength(64))

/** Everything that determines a training run besides its files: same spec and files, same bytes. Sent to the runner as `spec`. */
export const trainingSpecSchema = z.object({
  jobId: z.string(),
  /** The name it will be published under. */
  name: z.string(),
  model: z.object({ name: z.string(), fingerprint: z.string() }),
  /** The plugin's id. */
  method: z.string(),
  /** The plugin's config, validated and with defaults. */
  config: methodConfigSchema,
  task: taskTypeSchema,
  /** Classes in the order of the head's rows (`SEQ_CLS`, `TOKEN_CLS`). */
  labels: z.optional(z.array(z.string())),
  /** What a `SEQ_CLS` head reads; `peft` when absent. */
  pooling: z.optional(poolingSchema),
  hyperparameters: hyperparametersSchema,
  seed: z.int(),
  /** Trained in one batch with the jobs that are queued under the same name. It does not influence the result. */
  joint: z.optional(jointSchema),
  ...phaseFields,
  /** Adapters the method needs, then those that `on`, `from` and `partners` name, sent along as `required.<n>` in this order. */
  required: z._default(z.array(z.object({ ref: z.string(), digest: digestSchema })), []),
  /** Digests of the files, for the manifest's lineage. */
  data: z.optional(digestSchema),
  validation: z.optional(digestSchema),
  foreign: z.optional(digestSchema),
})

export type TrainingSpec = z.infer<typeof trainingSpecSchema>

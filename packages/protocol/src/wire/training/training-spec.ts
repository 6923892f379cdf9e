import { digestSchema, labelNamesSchema, methodConfigSchema, phaseFields, poolingSchema, silentOnFields, taskTypeSchema } from '@weft/adapters'
import { hyperparametersSchema } from '@weft/methods'
import * as z from 'zod/mini'
import { seedSchema } from '../inference/sampling.ts'

/** Of a job, a method, a base model or an adapter. */
const nameSchema = z.string().check(z.maxLength(1024))

/** A name that several jobs of one base share, to be trained in one batch. */
export const jointSchema = z.string().check(z.minLength(1), z.maxLength(64))

/** Everything that determines a training run besides its files: same spec and files, same bytes. Sent to the runner as `spec`, and read strictly there. */
export const trainingSpecSchema = z.strictObject({
  jobId: nameSchema,
  /** The name it will be published under. */
  name: nameSchema,
  model: z.strictObject({ name: nameSchema, fingerprint: nameSchema }),
  /** The plugin's id. */
  method: nameSchema,
  /** The plugin's config, validated and with defaults. */
  config: methodConfigSchema,
  task: taskTypeSchema,
  /** Classes in the order of the head's rows (`SEQ_CLS`, `TOKEN_CLS`). */
  labels: z.optional(labelNamesSchema),
  /** What a `SEQ_CLS` head reads; `peft` when absent. */
  pooling: z.optional(poolingSchema),
  hyperparameters: hyperparametersSchema,
  seed: seedSchema,
  /** Trained in one batch with the jobs that are queued under the same name. It does not influence the result. */
  joint: z.optional(jointSchema),
  ...phaseFields,
  /** Adapters the method needs, then those that `on`, `from` and `partners` name, sent along as `required.<n>` in this order. */
  required: z._default(z.array(z.strictObject({ ref: nameSchema, digest: digestSchema })).check(z.maxLength(1024)), []),
  /** Published adapters on whose probes `locality` has it silent; their probes are sent along together, as `probes`. */
  silentOn: z.optional(z.array(z.strictObject(silentOnFields)).check(z.maxLength(64))),
  /** The stack that it is settled in: `locality` then reads the others' probes alone. */
  settles: z.optional(z.string().check(z.maxLength(65_536))),
  /** Digests of the files, for the manifest's lineage. */
  data: z.optional(digestSchema),
  validation: z.optional(digestSchema),
  reference: z.optional(digestSchema),
})

export type TrainingSpec = z.infer<typeof trainingSpecSchema>

import * as z from 'zod/mini'
import { mapOf } from '../schema/map.ts'
import { phaseFields } from './phases.ts'
import { verdictSchema } from './verdict.ts'

export const taskTypes = ['CAUSAL_LM', 'SEQ_2_SEQ_LM', 'SEQ_CLS', 'TOKEN_CLS', 'FEATURE_EXTRACTION'] as const

/** PEFT's task names. */
export const taskTypeSchema = z.enum(taskTypes)
export type TaskType = z.infer<typeof taskTypeSchema>

export const poolings = ['peft', 'cls', 'last', 'mean'] as const

/**
 * Which hidden state a text is classified by.
 *
 * | | |
 * |---|---|
 * | `peft` | what PEFT reads: an encoder's first position, which is a virtual token where rows stand in front; a decoder's last |
 * | `cls` | the first token of the text: an encoder's `[CLS]`, whatever stands in front |
 * | `last` | the last token of the text |
 * | `mean` | the mean over the text's tokens |
 */
export const poolingSchema = z.enum(poolings)
export type Pooling = z.infer<typeof poolingSchema>

/** `sha256:` and 64 hex digits. */
export const digestSchema = z.string().check(z.maxLength(71), z.regex(/^sha256:[0-9a-f]{64}$/, 'expected "sha256:" and 64 hex digits'))

/** Names of methods, models and sites; a model's may be a path. */
const nameSchema = z.string().check(z.maxLength(1024))
/** As many classes as a training file may have; a class of several tasks is `<task>/<label>`. */
export const labelNamesSchema = z.array(z.string().check(z.maxLength(1024))).check(z.maxLength(10_000))
const positionsSchema = z.int().check(z.gte(0), z.lte(10_000_000))

/** A method's config before the method has checked it: fields with names of ours, and values that are left alone, maps of users' names among them. */
export const methodConfigSchema = z.looseObject({})

/** An adapter on whose probes another was trained to be silent; `probes` is the digest of what was read. */
export const silentOnFields = { ref: nameSchema, digest: digestSchema, probes: digestSchema }
const silentOnSchema = z.array(z.object(silentOnFields)).check(z.maxLength(64))

const lineageSchema = z.object({
  /** Adapters that took part in training: required by the method, beneath (`on`), started from (`from`), or beside (`partners`). */
  required: z.optional(z.array(z.object({ ref: nameSchema, digest: digestSchema })).check(z.maxLength(1024))),
  /** Digests of the training and held-out files. */
  data: z.optional(digestSchema),
  validation: z.optional(digestSchema),
  reference: z.optional(digestSchema),
  silentOn: z.optional(silentOnSchema),
  /** The stack that it was settled in. */
  settles: z.optional(z.string().check(z.maxLength(65_536))),
  /** The same, as files of version 0.1.0 have it. */
  foreign: z.optional(digestSchema),
  ...phaseFields,
})

const stepsSchema = z.int().check(z.gte(0), z.lte(Number.MAX_SAFE_INTEGER))

const trainingSummarySchema = z.object({
  steps: stepsSchema,
  /** Of the rows' order, those that the runs before it had taken: where a warm start began. Absent of a run that started from nothing. */
  stepsBefore: z.optional(stepsSchema),
  /** The last step's; absent where nothing was learned by gradient. */
  loss: z.optional(z.number()),
  evalLoss: z.optional(z.number()),
  seed: z.optional(z.int().check(z.gte(Number.MIN_SAFE_INTEGER), z.lte(Number.MAX_SAFE_INTEGER))),
  hyperparameters: z.optional(z.looseObject({})),
  metrics: z.optional(mapOf(z.number())),
  /** How loud it usually is: the mean of KL(with the adapter ‖ base) at its own answers' tokens, in nats. `experts(…)` counts by it. */
  level: z.optional(z.number().check(z.gte(0))),
  /** What training came to, beside the base and other baselines. */
  verdict: z.optional(verdictSchema),
})

/** An adapter file's description of itself. It holds no time or date, so that the same run gives the same bytes. */
export const manifestSchema = z.object({
  format: z.literal('weft-adapter'),
  version: z.literal(1),
  method: nameSchema,
  config: methodConfigSchema,
  base: z.object({ name: nameSchema, fingerprint: nameSchema, architecture: nameSchema }),
  task: taskTypeSchema,
  /** Classes of the head, in the order of its rows. */
  labels: z.optional(labelNamesSchema),
  /** The task of each class, where several share one prompt: a softmax goes over one task's classes, and `labels` are `<task>/<label>`. */
  labelTasks: z.optional(labelNamesSchema),
  /** What a classifier reads; `peft` when absent. */
  pooling: z.optional(poolingSchema),
  /** Sites the state acts at. */
  sites: z.array(nameSchema).check(z.maxLength(64)),
  /** Positions taken: `rows` in the sequence, `prefix` in every layer's keys. */
  virtualTokens: z.object({ rows: positionsSchema, prefix: positionsSchema }),
  /** Per site, the digest of the tensors that terms must share to be merged (a trunk prompt). */
  shared: z.optional(mapOf(digestSchema)),
  lineage: lineageSchema,
  training: z.optional(trainingSummarySchema),
})

export type AdapterManifest = z.infer<typeof manifestSchema>

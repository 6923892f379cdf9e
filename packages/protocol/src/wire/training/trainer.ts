import { labelNamesSchema, taskTypeSchema } from '@weft/adapters'
import { hyperparametersSchema } from '@weft/methods'
import * as z from 'zod/mini'
import { seedSchema } from '../inference/sampling.ts'
import { eventDataSchema } from '../runner.ts'

const textSchema = z.string().check(z.maxLength(4096))
const countSchema = z.int().check(z.gte(0), z.lte(Number.MAX_SAFE_INTEGER))
const countsSchema = z.array(countSchema).check(z.maxLength(1_000_000))
const numbersSchema = z.array(z.number()).check(z.maxLength(1_000_000))

/** Where parameters start from, beside what PEFT's config can say: keys and values, or embeddings, of training rows, of a text or of words of the vocabulary. */
export const peftStartSchema = z.object({ from: z.enum(['training_text', 'text', 'vocabulary']), text: z.optional(z.string()) })

/** `GET /v1/trainer/jobs/{id}`: everything that a trainer elsewhere is told. The rows come beside it, held-out ones apart. */
export const trainerWorkSchema = z.object({
  job: z.string(),
  /** The base model, and where the trainer finds it. */
  model: z.object({ name: z.string(), fingerprint: z.string(), path: z.string(), maxPositions: z.int() }),
  task: taskTypeSchema,
  labels: z.optional(labelNamesSchema),
  /** PEFT's `adapter_config.json`, as its own loader takes it. */
  peftConfig: z.looseObject({}),
  start: z.optional(peftStartSchema),
  hyperparameters: hyperparametersSchema,
  seed: seedSchema,
  /** Longest row in tokens, virtual ones not counted. */
  maxLength: z.int(),
  /** Whether any row is held out. */
  heldOut: z.boolean(),
  /** Whether held-out rows are a file of their own, which is refused where it teaches nothing; otherwise they were set aside of the training file. */
  validationFile: z.boolean(),
  /** A text whose log-probabilities the trainer tells of its bare base model, so that one base is not taken for another; of a base that generates. */
  checkText: z.optional(z.string()),
})
export type TrainerWork = z.infer<typeof trainerWorkSchema>

/** `POST /v1/trainer/jobs/{id}/reports`: how far it is. */
export const trainerReportSchema = z.strictObject({
  step: countSchema,
  totalSteps: countSchema,
  loss: z.optional(z.nullable(z.number())),
  evalLoss: z.optional(z.nullable(z.number())),
  etaS: z.optional(z.nullable(z.number())),
  trainedTokens: z.optional(countSchema),
  events: z._default(
    z
      .array(
        z.strictObject({
          level: z.enum(['info', 'warn', 'error']),
          type: z.enum(['message', 'metrics']),
          message: textSchema,
          data: z.optional(eventDataSchema),
        }),
      )
      .check(z.maxLength(1000)),
    [],
  ),
  /** Why it gives up. */
  error: z.optional(
    z.strictObject({
      code: z.string().check(z.regex(/^[a-z][a-z0-9_]{0,63}$/, 'expected a code such as "out_of_memory": small letters, digits and "_", at most 64')),
      message: textSchema,
    }),
  ),
})
export type TrainerReport = z.infer<typeof trainerReportSchema>

/** Whether it has to end. */
export const trainerAnswerSchema = z.object({ stop: z.boolean() })
export type TrainerAnswer = z.infer<typeof trainerAnswerSchema>

/** What a trainer measured, beside PEFT's two files in `PUT /v1/trainer/jobs/{id}/result`. Losses are sums over a batch's weights, in nats. */
export const trainerResultSchema = z.strictObject({
  steps: countSchema,
  /** The last step's. */
  loss: z.number(),
  /** The least of the held-out losses, and the last. */
  evalLoss: z.optional(z.number()),
  lastEvalLoss: z.optional(z.number()),
  bestStep: z.nullable(countSchema),
  stoppedEarly: z.boolean(),
  trainedTokens: countSchema,
  /** On some of the training rows, after training. */
  trainingLoss: z.number(),
  /** Passes over the training rows. */
  epochs: z.number(),
  rows: z.strictObject({ training: countSchema, heldOut: countSchema, truncated: countSchema }),
  /** Rows of which all that is learned was cut off, and which are none of those. */
  unlearned: z.optional(countSchema),
  /** Rows that were not cut and of which nothing is learned all the same, and which are none of those either. */
  leftOut: z.optional(countSchema),
  /** Held-out rows that stand among the training rows too. */
  repeated: countSchema,
  /** How loud it is: the mean of KL(with the adapter ‖ base), in nats. */
  level: z.optional(z.number().check(z.gte(0))),
  /** On held-out rows, over everything that the adapter predicts. */
  heldOutLoss: z.optional(z.number()),
  /** Of what generates, by batches of held-out rows: what both predict, with the adapter and without. */
  heldOut: z.optional(z.strictObject({ weights: numbersSchema, adapter: numbersSchema, base: numbersSchema })),
  /** Of a classifier: training rows by class; classes of the held-out rows, true and found. */
  classes: z.optional(z.strictObject({ training: countsSchema, truth: countsSchema, predicted: countsSchema })),
  /** Log-probabilities of `check_text`'s tokens after the first, of the bare base. */
  check: z.optional(numbersSchema),
})
export type TrainerResult = z.infer<typeof trainerResultSchema>

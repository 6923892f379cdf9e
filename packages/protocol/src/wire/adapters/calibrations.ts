import { mapOf } from '@weft/adapters'
import * as z from 'zod/mini'
import { modelFieldSchema, textSchema } from '../inference/texts.ts'

/** What an input may be answered with, by the model's own likelihood: `[" spam", " ham"]`. */
export const choicesSchema = z.array(z.string().check(z.minLength(1), z.maxLength(1024))).check(
  z.minLength(2),
  z.maxLength(64),
  z.refine((choices) => new Set(choices).size === choices.length, 'a choice stands here twice; each must differ from the others'),
)

/** `POST /v1/calibrations`: measures on unlabelled inputs how far a composition shifts its labels, and stores the shift under the composition's key. */
export const calibrateRequestSchema = z.strictObject({
  model: modelFieldSchema,
  /** At least 24, with about as many of each class; their labels are not needed. */
  input: z.array(textSchema).check(z.maxLength(1024)),
  choices: z.optional(choicesSchema),
  /** Cuts what is longer than the context, which is refused otherwise. */
  truncate: z._default(z.boolean(), false),
})
export type CalibrateRequest = z.input<typeof calibrateRequestSchema>

export const calibrationSchema = z.object({
  object: z.literal('calibration'),
  model: z.string(),
  /** The same with the versions that names stood for. */
  expression: z.optional(z.string()),
  /** The composition's key. */
  key: z.string(),
  /** Inputs it was measured on. */
  inputs: z.int(),
  /** Mean log-odds of each label, which are subtracted from now on. */
  scores: mapOf(z.number()),
  choices: z.optional(choicesSchema),
  createdAt: z.int(),
})
export type Calibration = z.infer<typeof calibrationSchema>

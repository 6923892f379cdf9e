import * as z from 'zod/mini'
import { headLabelsTexts, headLabelsTokens, headOfOneTask, headOfSeveralTasks } from '../errors.ts'
import { choicesSchema } from './calibrations.ts'
import { usageSchema } from './usage.ts'

/** `POST /v1/classify`: texts against the head of the composition. */
export const classifyRequestSchema = z.object({
  model: z.string().check(z.minLength(1)),
  /** A text, texts, or texts that are split into words already, which matters to a head that labels tokens. */
  input: z.union([z.string(), z.array(z.union([z.string(), z.array(z.string()).check(z.minLength(1))])).check(z.minLength(1), z.maxLength(256))]),
  /** What each input may be answered with, by likelihood, where no head says what there is: `[" spam", " ham"]`. */
  choices: z.optional(choicesSchema),
  /** False leaves a composition's calibration out. */
  calibrated: z._default(z.boolean(), true),
})
export type ClassifyRequest = z.input<typeof classifyRequestSchema>

export const classificationSchema = z.object({
  label: z.string(),
  /** Probability of every label; they sum to 1. */
  scores: z.record(z.string(), z.number()),
})
export type Classification = z.infer<typeof classificationSchema>

/** A word of a text, labelled by a `TOKEN_CLS` head. */
export const labelledTokenSchema = z.extend(classificationSchema, {
  /** Which word it is; words beyond the context are left out. */
  index: z.int(),
  token: z.string(),
  /** UTF-16 offsets in the text, where the server has split it. */
  start: z.optional(z.int()),
  end: z.optional(z.int()),
})
export type LabelledToken = z.infer<typeof labelledTokenSchema>

export const tokenClassificationSchema = z.object({ tokens: z.array(labelledTokenSchema) })
export type TokenClassification = z.infer<typeof tokenClassificationSchema>

/** What one input comes to: a label, or one for each of its words. */
export type Labelled = Classification | TokenClassification

/** The results of a head that labels texts. Error 422 `head_labels_tokens`. */
export const textLabels = <T extends Labelled>(results: readonly T[]): Exclude<T, TokenClassification>[] => results.map((result) => {
  if ('tokens' in result) throw headLabelsTokens()
  return result as Exclude<T, TokenClassification>
})

/** The results of a head that labels tokens. Error 422 `head_labels_texts`. */
export const tokenLabels = <T extends Labelled>(results: readonly T[]): Extract<T, TokenClassification>[] => results.map((result) => {
  if (!('tokens' in result)) throw headLabelsTexts()
  return result as Extract<T, TokenClassification>
})

export const classifyResponseSchema = z.object({
  object: z.literal('list'),
  model: z.string(),
  data: z.array(z.union([
    z.extend(classificationSchema, { object: z.literal('classification'), index: z.int() }),
    z.extend(tokenClassificationSchema, { object: z.literal('token_classification'), index: z.int() }),
  ])),
  usage: z.optional(usageSchema),
})
export type ClassifyResponse = z.infer<typeof classifyResponseSchema>
export type TextLabels = Omit<ClassifyResponse, 'data'> & { data: Exclude<ClassifyResponse['data'][number], TokenClassification>[] }
export type TokenLabels = Omit<ClassifyResponse, 'data'> & { data: Extract<ClassifyResponse['data'][number], TokenClassification>[] }
  /** Whether the composition's calibration was applied. */
  calibrated: z.optional(z.boolean()),

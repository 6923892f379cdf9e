import { mapOf } from '@weft/adapters'
import * as z from 'zod/mini'
import { headLabelsTexts, headLabelsTokens, headOfOneTask, headOfSeveralTasks } from '../../errors.ts'
import { choicesSchema } from '../adapters/calibrations.ts'
import { autoChoiceSchema } from './auto-choice.ts'
import { modelFieldSchema, textSchema, wordsSchema } from './texts.ts'
import { usageSchema } from './usage.ts'

/** `POST /v1/classify`: texts against the head of the composition. */
export const classifyRequestSchema = z.strictObject({
  model: modelFieldSchema,
  /** A text, texts, or texts that are split into words already, which matters to a head that labels tokens. */
  input: z.union(
    [textSchema, z.array(z.union([textSchema, wordsSchema])).check(z.minLength(1), z.maxLength(256))],
    'expected a string, or a list of strings and of lists of words (256 at most)',
  ),
  /** The labels to choose from by likelihood, for a composition without a head: `[" spam", " ham"]`. */
  choices: z.optional(choicesSchema),
  /** Cuts what is longer than the context, which is refused otherwise; each result then says how many tokens were read. */
  truncate: z._default(z.boolean(), false),
  /** False leaves a composition's calibration out. */
  calibrated: z._default(z.boolean(), true),
})
export type ClassifyRequest = z.input<typeof classifyRequestSchema>

export const classificationSchema = z.object({
  label: z.string(),
  /** Probability of every label; they sum to 1. */
  scores: mapOf(z.number()),
})
export type Classification = z.infer<typeof classificationSchema>

/** A word of a text, labelled by a `TOKEN_CLS` head. */
const labelledTokenSchema = z.extend(classificationSchema, {
  /** Which word it is; words that were cut off are left out. */
  index: z.int(),
  token: z.string(),
  /** UTF-16 offsets in the text, where the server has split it. */
  start: z.optional(z.int()),
  end: z.optional(z.int()),
})
export type LabelledToken = z.infer<typeof labelledTokenSchema>

export const tokenClassificationSchema = z.object({ tokens: z.array(labelledTokenSchema) })
export type TokenClassification = z.infer<typeof tokenClassificationSchema>

/** The answer of a head that serves several tasks: a label, or the words' labels, for each. */
export const taskClassificationsSchema = z.object({ tasks: mapOf(z.union([classificationSchema, tokenClassificationSchema])) })
export type TaskClassifications = z.infer<typeof taskClassificationsSchema>

/** How much of an input was read, where `truncate` allowed to cut it. */
const readFields = {
  tokensRead: z.optional(z.int()),
  /** The input was longer than the context, and what is beyond was not read. */
  truncated: z.optional(z.literal(true)),
}

/** The answer for one input: a label, or one for each of its words; of each task, where the head serves several. */
export const labelledSchema = z.union([
  z.extend(classificationSchema, readFields),
  z.extend(taskClassificationsSchema, readFields),
  z.extend(tokenClassificationSchema, readFields),
])
export type Labelled = z.infer<typeof labelledSchema>

/** The results of a head that labels texts for one task. Errors 422 `head_labels_tokens`, `head_of_several_tasks`. */
export const textLabels = <T extends Labelled>(results: readonly T[]): Exclude<T, TokenClassification | TaskClassifications>[] =>
  results.map((result) => {
    if ('tokens' in result) throw headLabelsTokens()
    if ('tasks' in result) throw headOfSeveralTasks(Object.keys(result.tasks))
    return result as Exclude<T, TokenClassification | TaskClassifications>
  })

/** The results of a head that serves several tasks, by task. Error 422 `head_of_one_task`. */
export const taskLabels = <T extends Labelled>(results: readonly T[]): Extract<T, TaskClassifications>[] =>
  results.map((result) => {
    if (!('tasks' in result)) throw headOfOneTask()
    return result as Extract<T, TaskClassifications>
  })

/** The results of a head that labels tokens. Error 422 `head_labels_texts`. */
export const tokenLabels = <T extends Labelled>(results: readonly T[]): Extract<T, TokenClassification>[] =>
  results.map((result) => {
    if (!('tokens' in result)) throw headLabelsTexts()
    return result as Extract<T, TokenClassification>
  })

export const classifyResponseSchema = z.object({
  object: z.literal('list'),
  model: z.string(),
  data: z.array(
    z.union([
      z.extend(classificationSchema, { object: z.literal('classification'), index: z.int(), ...readFields }),
      z.extend(taskClassificationsSchema, { object: z.literal('task_classifications'), index: z.int(), ...readFields }),
      z.extend(tokenClassificationSchema, { object: z.literal('token_classification'), index: z.int(), ...readFields }),
    ]),
  ),
  /** Whether the composition's calibration was applied. */
  calibrated: z.optional(z.boolean()),
  usage: z.optional(usageSchema),
  /** Whether a route's text stood in for its composition. */
  twin: z.optional(z.boolean()),
  /** What `auto(…)` chose. */
  auto: z.optional(autoChoiceSchema),
})
export type ClassifyResponse = z.infer<typeof classifyResponseSchema>
export type TextLabels = Omit<ClassifyResponse, 'data'> & { data: Exclude<ClassifyResponse['data'][number], TokenClassification | TaskClassifications>[] }
export type TokenLabels = Omit<ClassifyResponse, 'data'> & { data: Extract<ClassifyResponse['data'][number], TokenClassification>[] }
export type TaskLabels = Omit<ClassifyResponse, 'data'> & { data: Extract<ClassifyResponse['data'][number], TaskClassifications>[] }

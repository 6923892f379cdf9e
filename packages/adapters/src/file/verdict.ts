import * as z from 'zod/mini'
import { mapOf } from '../schema/map.ts'

/**
 * What an adapter is measured against, on the same held-out rows.
 *
 * | | |
 * |---|---|
 * | `base` | the bare base model, for what generates |
 * | `beneath` | the base with the adapters that lie beneath (`on`) |
 * | `majority` | always the class of which the training rows have most |
 * | `logistic-regression` | a logistic regression on the bare base's features (Alain & Bengio 2016, https://arxiv.org/abs/1610.01644) |
 */
export const baselineNames = ['base', 'beneath', 'majority', 'logistic-regression'] as const
export type BaselineName = (typeof baselineNames)[number]

/** What was measured is a float32, or made of such: nothing is larger. */
const float32Max = (2 - 2 ** -23) * 2 ** 127
const measureSchema = z.number().check(z.gte(-float32Max), z.lte(float32Max))
const countSchema = z.int().check(z.gte(0), z.lte(Number.MAX_SAFE_INTEGER))

const baselineSchema = z.object({
  name: z.enum(baselineNames),
  metrics: mapOf(measureSchema),
  /** Training rows that it learned from; absent where it learned from none. */
  trainingRows: z.optional(countSchema),
  /** By how much the adapter's score is better than this one's; negative where it is worse. */
  gain: measureSchema,
  /** Of the gain, over rows of a classifier, over batches otherwise; null where they are too few to say. */
  standardError: z.nullable(measureSchema),
})
export type Baseline = z.infer<typeof baselineSchema>

const findingSchema = z.object({
  /** What was found, for programs: `few_held_out_rows`. */
  code: z.string().check(z.maxLength(64)),
  level: z.enum(['info', 'warn']),
  message: z.string().check(z.maxLength(4096)),
  /** What to try next. */
  next: z.optional(z.string().check(z.maxLength(4096))),
})
export type Finding = z.infer<typeof findingSchema>

/** What training came to, measured on rows that it did not learn from. */
export const verdictSchema = z.object({
  /**
   * `better` than every baseline by more than twice the standard error, `worse` than one of them by as much, `unclear` in between;
   * `unmeasured` without held-out rows.
   */
  outcome: z.enum(['better', 'unclear', 'worse', 'unmeasured']),
  /** One sentence. */
  summary: z.string().check(z.maxLength(4096)),
  /** The metric that is compared. A lower loss is better. */
  score: z.enum(['accuracy', 'loss']),
  /** The adapter's, on held-out rows. Empty without any. */
  metrics: mapOf(measureSchema),
  /** On some of the training rows, after training. */
  trainingLoss: measureSchema,
  baselines: z.array(baselineSchema).check(z.maxLength(16)),
  rows: z.object({ training: countSchema, heldOut: countSchema, truncated: countSchema }),
  steps: countSchema,
  /** The step whose parameters were kept: that of the lowest held-out loss; null where the last ones were kept unmeasured. */
  bestStep: z.nullable(countSchema),
  stoppedEarly: z.boolean(),
  /** Of a stack that was settled: the mean of KL(base ‖ with the adapter) where the others answer, in nats a token, before and after. */
  silence: z.optional(z.object({ before: measureSchema, after: measureSchema })),
  /** Of one that was settled: what it was before, alone on the same held-out rows. The gain is negative where it has lost of its task. */
  before: z.optional(z.object({ metrics: mapOf(measureSchema), gain: measureSchema, standardError: z.nullable(measureSchema) })),
  findings: z.array(findingSchema).check(z.maxLength(64)),
})
export type Verdict = z.infer<typeof verdictSchema>

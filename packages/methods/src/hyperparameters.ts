import * as z from 'zod/mini'

const positive = z.number().check(z.gt(0))
const fraction = z.number().check(z.gte(0), z.lt(1))
const count = z.int().check(z.gte(1))

/**
 * How a method is trained. The defaults train reliably for prompts and prefixes on models of a few million to a few
 * hundred million weights: a high rate with warm-up and cosine decay. `full` wants a far smaller rate.
 */
export const hyperparametersSchema = z.strictObject({
  /** Passes over the training file; ignored when `maxSteps` is given. */
  nEpochs: z._default(count, 3),
  /** Optimizer steps. */
  maxSteps: z.optional(count),
  /** Rows per micro-batch. */
  batchSize: z._default(count, 8),
  /** Micro-batches per optimizer step. */
  gradientAccumulation: z._default(count, 1),
  learningRate: z._default(positive, 1e-2),
  optimizer: z._default(z.enum(['adamw', 'adafactor']), 'adamw'),
  schedule: z._default(z.enum(['cosine', 'linear', 'constant']), 'cosine'),
  /** Share of the steps in which the rate rises from 0. */
  warmupRatio: z._default(fraction, 0.1),
  weightDecay: z._default(z.number().check(z.gte(0)), 0.01),
  betas: z._default(z.tuple([fraction, fraction]), [0.9, 0.999]),
  eps: z._default(positive, 1e-8),
  /** Gradients are scaled down to this norm; 0 leaves them. */
  maxGradNorm: z._default(z.number().check(z.gte(0)), 1),
  /** Longest row in tokens, virtual ones not counted; longer rows are cut. Without it, what the model's positions leave. */
  maxLength: z.optional(count),
  /** Steps between evaluations on the validation file; without it, four times an epoch. */
  evalEvery: z.optional(count),
  /** Evaluations without improvement before training stops; 0 never stops early. */
  patience: z._default(z.int().check(z.gte(0)), 5),
  /** Steps between checkpoints; without it, the runner's choice. */
  checkpointEvery: z.optional(count),
})

export type Hyperparameters = z.infer<typeof hyperparametersSchema>
export type HyperparametersInput = z.input<typeof hyperparametersSchema>

/** Every default filled in. */
export const defaultHyperparameters = (given: HyperparametersInput = {}): Hyperparameters => hyperparametersSchema.parse(given)

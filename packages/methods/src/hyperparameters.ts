import { type ModelSpec, snakeCase } from '@weft/adapters'
import * as z from 'zod/mini'

/** The largest learning rate that trains anything: at every step AdamW moves a parameter by about the rate, and prompts are a few units long. */
export const mostLearningRate = 100
export const learningRateSchema = z
  .number()
  .check(z.gt(0), z.lte(mostLearningRate, `a rate above ${mostLearningRate} trains nothing: 0.01 is usual, 0.0003 for "full"`))
/** A share of a parameter goes at every step: the decay, times the rate. */
const decay = z.number().check(z.gte(0), z.lte(100, 'more than 100 leaves nothing of what is learned: 0.01 is usual'))
/** Beside a gradient's size, which it keeps from being 0. */
const tiny = z.number().check(z.gt(0), z.lte(1, 'more than 1 drowns every gradient: 1e-8 is usual'))
/** Float32 holds its square; a norm that no gradient reaches leaves them as they are. */
const norm = z.number().check(z.gte(0), z.lte(1e18))
const fraction = z.number().check(z.gte(0), z.lt(1))
const upTo = (most: number) => z.int().check(z.gte(1), z.lte(most))
const steps = upTo(10_000_000)

/**
 * How a method is trained. The defaults train reliably for prompts and prefixes on models of a few million to a few
 * hundred million weights: a high rate with warm-up and cosine decay. `full` wants a far smaller rate.
 */
export const hyperparametersSchema = z.strictObject({
  /** Passes over the training file; ignored when `maxSteps` is given. */
  nEpochs: z._default(upTo(10_000), 3),
  /** Optimizer steps. */
  maxSteps: z.optional(steps),
  /** Rows per micro-batch. */
  batchSize: z._default(upTo(1024), 8),
  /** Micro-batches per optimizer step. */
  gradientAccumulation: z._default(upTo(1024), 1),
  learningRate: z._default(learningRateSchema, 1e-2),
  optimizer: z._default(z.enum(['adamw', 'adafactor']), 'adamw'),
  schedule: z._default(z.enum(['cosine', 'linear', 'constant']), 'cosine'),
  /** Share of the steps in which the rate rises from 0. */
  warmupRatio: z._default(fraction, 0.1),
  weightDecay: z._default(decay, 0.01),
  betas: z._default(z.tuple([fraction, fraction]), [0.9, 0.999]),
  eps: z._default(tiny, 1e-8),
  /** Gradients are scaled down to this norm; 0 leaves them. */
  maxGradNorm: z._default(norm, 1),
  /** Longest row in tokens, virtual ones not counted; longer rows are cut. Without it `usualMaxLength`, and never more than the model's positions leave. */
  maxLength: z.optional(upTo(1_000_000)),
  /** Steps between evaluations on the validation file; without it, four times an epoch. */
  evalEvery: z.optional(steps),
  /** Evaluations without improvement before training stops; 0 never stops early. */
  patience: z._default(z.int().check(z.gte(0), z.lte(10_000_000)), 5),
  /** What frozen layers compute in: `int8` multiplies in integers, on CPUs that have VNNI or AMX. What trains is float32 in both. */
  precision: z.optional(z.enum(['float32', 'int8'])),
  /** Steps between checkpoints; without it, the runner's choice. */
  checkpointEvery: z.optional(steps),
})

export type Hyperparameters = z.infer<typeof hyperparametersSchema>
export type HyperparametersInput = z.input<typeof hyperparametersSchema>

/** What a method's learning rate may depend on. */
export type Width = Pick<ModelSpec, 'hiddenSize'>

/** A rate, or one for each model; without a model, that of the models which it was chosen on. */
export type LearningRate = number | ((model?: Width) => number)

/** What a method is trained with where the request says nothing else. */
export interface MethodHyperparameters extends Omit<HyperparametersInput, 'learningRate'> {
  learningRate?: LearningRate
}

/** The same, with no default filled in: for who hands on what somebody said, and leaves the rest to whoever trains. */
export const givenHyperparametersSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(hyperparametersSchema.shape).map(([name, field]) => [
      name,
      z.optional(field instanceof z.ZodMiniDefault ? field._zod.def.innerType : field),
    ]),
  ),
) as unknown as z.ZodMiniType<HyperparametersInput, HyperparametersInput>

/** Every default filled in. */
export const defaultHyperparameters = (given: HyperparametersInput = {}): Hyperparameters => hyperparametersSchema.parse(given)

/**
 * The first hyperparameter that somebody gave and that nothing is done with, as the wire spells it. `auto`, and null, leave a value to whoever runs it.
 * @param given in either spelling, without defaults
 */
export const idleHyperparameter = (given: Readonly<Record<string, unknown>> | null | undefined, isUsed: (name: string) => boolean): string | undefined =>
  Object.entries(given ?? {})
    .filter(([, value]) => value !== undefined && value !== 'auto' && value !== null)
    .map(([name]) => snakeCase(name))
    .find((name) => !isUsed(name))

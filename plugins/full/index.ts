import { baseWeight, definePlugin, type Initializer, normal, ones, type Param, param, zeros } from '@weft/methods'
import * as z from 'zod/mini'

const config = z.strictObject({
  /** `base` fine-tunes the checkpoint; `random` pretrains from nothing, N(0, std²) with norms at 1. */
  init: z._default(z.enum(['base', 'random']), 'base'),
  /** Standard deviation of the random start. */
  initializerRange: z._default(z.number().check(z.gt(0), z.lte(1e6)), 0.02),
})

// A vector that is no bias is a norm's scale: nothing else has one axis.
const randomWeight = (name: string, shape: readonly number[], std: number): Initializer =>
  name.endsWith('.bias') ? zeros : shape.length === 1 ? ones : normal(std)

/** Full fine-tuning: every weight of the base model is trained. The upper baseline, and how the bundled model was made. */
export const full = definePlugin({
  id: 'full',
  description: 'Every weight of the base model; the baseline. Its adapters are as large as the model and do not compose.',
  sites: ['weights'],
  // A prompt's rate would wreck trained weights within a few steps.
  hyperparameters: { learningRate: 3e-4 },
  config,
  params: ({ init, initializerRange }, model): Record<string, Param> =>
    Object.fromEntries(
      Object.entries(model.weights).map(([name, shape]) => [
        name,
        param([...shape], init === 'base' ? baseWeight(name) : randomWeight(name, shape, initializerRange)),
      ]),
    ),
  encode: (_, params) => ({ weights: { ...params } }),
})

export default full

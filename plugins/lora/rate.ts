import type { Width } from '@weft/methods'

/** The widest model that the rate for small ones was tried on (SmolLM2-135M). */
const SMALL = 576
const OF_SMALL = 1e-2
/** What trains on a model 896 wide (Qwen2.5-0.5B), where 0.01 learns nothing and 0.004 learns less. */
const [KNOWN, OF_KNOWN] = [896, 2e-3]

/**
 * What is added to a weight grows by the rate at every step, whatever the weight's size, and is multiplied by what the layer reads. Wider models have smaller
 * weights and larger inputs, so they bear less; from the one that was tried, the rate falls as 1/width, as it does for the hidden layers of μP with Adam
 * (Yang et al. 2022, https://arxiv.org/abs/2203.03466).
 */
export const learningRate = (model?: Width): number =>
  model === undefined || model.hiddenSize <= SMALL ? OF_SMALL : Number(((OF_KNOWN * KNOWN) / model.hiddenSize).toPrecision(2))

/** Sizes and rates of the run; everything in a step depends on these, the seed and its number alone. */
export const plan = {
  seed: 1,
  steps: 3000,
  /** The last part of the run reads longer windows, so that positions up to the context's end are known. */
  phases: [
    { until: 0.85, rows: 8, length: 256 },
    { until: 1, rows: 2, length: 1024 },
  ],
  learningRate: 2e-3,
  warmupSteps: 100,
  /** Share of the steps in which the rate falls to zero. */
  decay: 0.25,
  betas: [0.9, 0.98] as [number, number],
  weightDecay: 0.1,
  maxGradNorm: 1,
  /** One row in so many is told as a dialogue. */
  dialogueEvery: 10,
  checkpointSteps: 100,
  evalSteps: 200,
}

/**
 * Warm-up, a constant rate, and a line to zero (Hägele et al. 2024, https://arxiv.org/abs/2405.18392): as good as a
 * cosine, and a run can be made shorter or longer on the way by giving `--resume` another number of steps.
 */
export const learningRateOf = (step: number, totalSteps: number): number => {
  const { learningRate, warmupSteps, decay } = plan
  const left = (totalSteps - step) / (decay * totalSteps)
  return learningRate * Math.min(1, (step + 1) / warmupSteps, Math.max(0, left))
}

export const phaseOf = (step: number, totalSteps: number): { rows: number; length: number } =>
  plan.phases.find(({ until }) => step < until * totalSteps) ?? plan.phases.at(-1)!

export type ScheduleName = 'constant' | 'linear' | 'cosine'

export interface ScheduleOptions {
  name: ScheduleName
  learningRate: number
  warmupSteps: number
  totalSteps: number
}

/**
 * The learning rate of step `step` (from 0): a linear warm-up whose first step is already above zero,
 * then constant, a line to zero, or half a cosine to zero.
 */
export const learningRateAt = ({ name, learningRate, warmupSteps, totalSteps }: ScheduleOptions, step: number): number => {
  if (step < warmupSteps) return (learningRate * (step + 1)) / (warmupSteps + 1)
  if (name === 'constant') return learningRate
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps))
  return name === 'linear' ? learningRate * (1 - progress) : learningRate * 0.5 * (1 + Math.cos(Math.PI * progress))
}

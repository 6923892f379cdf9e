import { openTrainingStep, peakMegabytes, type StepTime, type TrainingStepOptions } from '../training/training-step.ts'

/** The best of a few steps, and this process's peak. */
export interface StepCost extends StepTime {
  peak_mb: number
}
export interface StepRequest extends TrainingStepOptions {
  steps: number
}

// A process of its own: peak memory is a high-water mark, and what one method leaves behind must not count for the next.
process.once('message', async ({ steps, ...options }: StepRequest) => {
  using step = await openTrainingStep(options)
  await step.run()
  const times: StepTime[] = []
  while (times.length < steps) times.push(await step.run())
  const cost: StepCost = { ms: Math.min(...times.map(({ ms }) => ms)), cpu_ms: Math.min(...times.map(({ cpu_ms }) => cpu_ms)), peak_mb: peakMegabytes() }
  process.send!(cost, undefined, undefined, () => process.disconnect!())
})

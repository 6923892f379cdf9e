import type { TaskType } from '@weft/adapters'
import type { Profile } from '@weft/ort'
import { buildTrainingGraph } from '@weft/training'
import { matMulFlops } from '@weft/training/graph/flops'
import { trainedCount } from '@weft/training/graph/graph'
import { median, round } from '../statistics.ts'
import { matMulPeak } from './matmul-peak.ts'
import { openTrainingStep, peakMegabytes, type TrainingStepOptions } from './training-step.ts'

export interface BenchTrainOptions extends TrainingStepOptions {
  steps: number
  onProfile?: (profile: Profile) => void
}

export interface BenchTrainResult {
  task: TaskType
  /** Trained numbers, the host's classifier included. */
  parameters: number
  step_ms_median: number
  step_ms_min: number
  /** Tokens of text, virtual ones not counted. */
  tokens_per_s: number
  /** Peak resident memory of this process, before the matrix-multiply peak is measured. */
  peak_mb: number
  /** Of the matrix products that a step runs; nothing that is skipped, nothing else. */
  flops_per_step: number
  /** Best step against best large product of the same run, which other load on the machine spoils least. */
  peak_share: number
  peak_gflops: number
  /** CPU time of the best step, all threads together: other load on the machine hardly moves it. */
  cpu_ms_min: number
  /** `peak_share` in CPU time instead of wall time, for machines that are busy with other things. */
  cpu_peak_share: number
}

/** Times whole optimizer steps on random tokens that are all learned. */
export const benchTrain = async (options: BenchTrainOptions): Promise<BenchTrainResult> => {
  const { batch: B, tokens: T, steps, device, threads } = options
  using step = await openTrainingStep(options)
  const { program, batch, engine } = step
  await step.run() // prepares the session
  const times = [await step.run()]
  const peakMb = peakMegabytes()
  using large = await matMulPeak(step.runtime, { device, threads, ...options.session, profile: false })
  let peak = await large.measure(3)
  while (times.length < steps) {
    times.push(await step.run())
    peak = await large.measure(1)
  }
  if (options.onProfile) for (const { profile } of engine.profiles()) options.onProfile(profile)
  const flops = matMulFlops(buildTrainingGraph(program, batch.bucket, 'gradients'))
  const typical = median(times.map(({ ms }) => ms))
  const best = Math.min(...times.map(({ ms }) => ms))
  const bestCpu = Math.min(...times.map(({ cpu_ms }) => cpu_ms))
  return {
    task: program.task,
    parameters: trainedCount(program),
    step_ms_median: round(typical, 1),
    step_ms_min: round(best, 1),
    tokens_per_s: round(((B * T) / typical) * 1000, 1),
    peak_mb: round(peakMb, 0),
    flops_per_step: flops,
    peak_share: round(flops / (best / 1000) / peak, 3),
    peak_gflops: round(peak / 1e9, 1),
    cpu_ms_min: round(bestCpu, 1),
    cpu_peak_share: round(flops / (bestCpu / 1000) / large.perCpuSecond, 3),
  }
}

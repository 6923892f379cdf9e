import type { Plugin, TaskType } from '@weft/core'
import { loadModel, RotaryTable } from '@weft/model'
import { type Device, openRuntime, type Profile, type SessionOptions } from '@weft/ort'
import plugins from '@weft/plugins'
import { baseWeights } from '../src/train/base-weights.ts'
import { GraphEngine } from '../src/train/engine.ts'
import { matMulFlops } from '../src/train/flops.ts'
import { buildTrainingGraph, parameterSlots, virtualTokens } from '../src/train/graph.ts'
import { initialValues } from '../src/train/initialize.ts'
import { AdamW, clipGradientNorm } from '../src/train/optimizer/index.ts'
import { matMulPeak } from './matmul-peak.ts'
import { benchProgram, shapeFile } from './program.ts'

export interface BenchTrainOptions {
  /** A model folder; or a bare config.json or the name of one in `shapes`: random weights. */
  model: string
  method: string
  /** The model's first when absent. */
  task?: TaskType
  batch: number
  tokens: number
  virtualTokens: number
  steps: number
  device?: Device
  threads?: number
  /** Session options to compare, e.g. `{ prepack: true }`. */
  session?: SessionOptions
  plugins?: readonly Plugin[]
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

/** Times whole optimizer steps: forward, backward, clipping and AdamW, on random tokens that are all learned. */
export const benchTrain = async (options: BenchTrainOptions): Promise<BenchTrainResult> => {
  const { batch: B, tokens: T, steps, device, threads } = options
  using runtime = openRuntime()
  const model = await loadModel(shapeFile(options.model))
  const { program, required, batch } = await benchProgram(model, { ...options, plugins: options.plugins ?? plugins })
  const virtual = virtualTokens(program)
  const trained = new Set(program.plugin.sites.includes('weights') ? Object.keys(program.params) : [])
  using weights = await baseWeights(runtime, model, name => !trained.has(name))
  const rotary = new RotaryTable(model.architecture.rotary(model.config))
  const values = await initialValues(program, { model, runtime, session: { weights }, rotary, labels: ['0', '1'], required, seed: 0 })

  const times: number[] = []
  const cpuTimes: number[] = []
  let peakMb = 0
  let peak = 0
  using engine = new GraphEngine({ program, runtime, weights, rotary, virtual, values, device, threads, session: options.session })
  const optimizer = new AdamW(engine.parameters)
  const step = async (): Promise<void> => {
    const start = performance.now()
    const cpu = process.cpuUsage()
    await engine.gradients(batch, 1 / batch.weight)
    await clipGradientNorm(engine.parameters, 1)
    await optimizer.step(1e-4)
    times.push(performance.now() - start)
    cpuTimes.push(cpuMs(process.cpuUsage(cpu)))
  }
  await step() // prepares the session
  times.length = 0
  cpuTimes.length = 0
  await step()
  peakMb = peakMegabytes()
  using large = await matMulPeak(runtime, { device, threads, ...options.session, profile: false })
  peak = await large.measure(3)
  while (times.length < steps) {
    await step()
    peak = await large.measure(1)
  }
  if (options.onProfile) for (const { profile } of engine.profiles()) options.onProfile(profile)
  const flops = matMulFlops(buildTrainingGraph(program, batch.bucket, 'gradients'))
  const sorted = times.toSorted((a, b) => a - b)
  const median = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
  return {
    task: program.task, parameters: parameterSlots(program).reduce((sum, { shape, trainable }) => sum + (trainable ? shape.reduce((n, d) => n * d, 1) : 0), 0),
    step_ms_median: round(median, 1), step_ms_min: round(sorted[0], 1), tokens_per_s: round(B * T / median * 1000, 1), peak_mb: round(peakMb, 0),
    flops_per_step: flops, peak_share: round(flops / (sorted[0] / 1000) / peak, 3), peak_gflops: round(peak / 1e9, 1),
    cpu_ms_min: round(Math.min(...cpuTimes), 1), cpu_peak_share: round(flops / (Math.min(...cpuTimes) / 1000) / large.perCpuSecond, 3),
  }
}

const cpuMs = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000

/** The kernel's own high-water mark where it keeps one. */
const peakMegabytes = (): number => process.resourceUsage().maxRSS / 1024

const round = (value: number, digits: number): number => Number(value.toFixed(digits))

import { parseConfig, type Plugin, Random } from '@weft/core'
import { loadModel, RotaryTable } from '@weft/model'
import { type Device, openRuntime, type Profile, type SessionOptions } from '@weft/ort'
import plugins from '@weft/plugins'
import { baseWeights } from '../src/train/base-weights.ts'
import { tokenBatch } from '../src/train/batch-tensors.ts'
import { GraphEngine } from '../src/train/engine.ts'
import { unknownMethod } from '../src/train/errors.ts'
import { matMulFlops } from '../src/train/flops.ts'
import { buildTrainingGraph, parameterSlots, type TrainingProgram, virtualTokens } from '../src/train/graph.ts'
import { AdamW, clipGradientNorm } from '../src/train/optimizer/index.ts'
import { matMulPeak } from './matmul-peak.ts'

export interface BenchTrainOptions {
  /** A model folder, or a bare config.json: random weights. */
  model: string
  method: string
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
  const { method, batch: B, tokens: T, steps, device, threads } = options
  const plugin = (options.plugins ?? plugins as readonly Plugin[]).find(p => p.id === method)
  if (!plugin) throw unknownMethod(method, (options.plugins ?? plugins).map(p => p.id))
  using runtime = openRuntime()
  const model = await loadModel(options.model)
  const config = parseConfig(plugin, 'numVirtualTokens' in shapeOf(plugin) ? { numVirtualTokens: options.virtualTokens } : {})
  const program: TrainingProgram = { model, plugin, config, params: plugin.params(config, model.spec, []), task: 'CAUSAL_LM', numLabels: 0, headBias: false }
  const virtual = virtualTokens(program)
  const trained = new Set(plugin.sites.includes('weights') ? Object.keys(program.params) : [])
  using weights = await baseWeights(runtime, model, name => !trained.has(name))
  const random = new Random('bench')
  const values = Object.fromEntries(parameterSlots(program).map(({ name, shape }) =>
    [name, trained.has(name) ? model.weights.readSync(name) : Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => random.normal(0, 0.02))]))
  const rows = Array.from({ length: B }, () => ({
    tokens: Uint32Array.from({ length: T }, () => random.integer(model.spec.vocabSize)),
    weights: new Float32Array(T).fill(1).fill(virtual.numRows > 0 ? 1 : 0, 0, 1), rowWeight: 1,
  }))
  const bucket = { rows: B, length: T, lossRows: B * (virtual.numRows > 0 ? T : T - 1) }
  const batch = tokenBatch(rows, bucket)

  const times: number[] = []
  const cpuTimes: number[] = []
  let peakMb = 0
  let peak = 0
  using engine = new GraphEngine({ program, runtime, weights, rotary: new RotaryTable(model.architecture.rotary(model.config)), virtual, values, device, threads, session: options.session })
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
  await large.measure(3)
  while (times.length < steps) {
    await step()
    peak = await large.measure(1)
  }
  if (options.onProfile) for (const { profile } of engine.profiles()) options.onProfile(profile)
  const flops = matMulFlops(buildTrainingGraph(program, bucket, 'gradients'))
  const sorted = times.toSorted((a, b) => a - b)
  const median = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
  return {
    step_ms_median: round(median, 1), step_ms_min: round(sorted[0], 1), tokens_per_s: round(B * T / median * 1000, 1), peak_mb: round(peakMb, 0),
    flops_per_step: flops, peak_share: round(flops / (sorted[0] / 1000) / peak, 3), peak_gflops: round(peak / 1e9, 1),
    cpu_ms_min: round(Math.min(...cpuTimes), 1), cpu_peak_share: round(flops / (Math.min(...cpuTimes) / 1000) / large.perCpuSecond, 3),
  }
}

const cpuMs = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000

/** The kernel's own high-water mark where it keeps one. */
const peakMegabytes = (): number => process.resourceUsage().maxRSS / 1024

const round = (value: number, digits: number): number => Number(value.toFixed(digits))

/** Default config's keys: methods without virtual tokens take no number of them. */
const shapeOf = (plugin: Plugin): object => {
  try {
    return parseConfig(plugin, {}) as object
  } catch {
    return { numVirtualTokens: 0 }
  }
}

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { baseWeights, weightsOn } from '@weft/inference/base-weights'
import type { LoadedModel } from '@weft/model'
import { openRuntime, type Runtime, type Weights } from '@weft/ort'
import { Disposables } from '@weft/ort/disposables'
import { buildTrainingGraph } from '@weft/training'
import { matMulFlops } from '@weft/training/graph/flops'
import { median } from '../statistics.ts'
import { matMulPeak } from '../training/matmul-peak.ts'
import { openTrainingStep } from '../training/training-step.ts'
import { hasPeer, memoryMegabytes } from './environment.ts'
import type { GpuBenchOptions, GpuPrecision } from './options.ts'
import type { Line, Report } from './report.ts'

const methods = ['prompt-tuning', 'prefix-tuning', 'lora']

export interface TrainedShape {
  /** For the peer's script: a name it knows, or a file. */
  shape: string
  name: string
  batch: number
  tokens: number
  /** About what it takes to make its weights and run a dozen steps. */
  seconds: number
}

/** A whole optimizer step against the device's own best product, and against PEFT's step in the same precision where torch is there. */
export async function training(report: Report, model: LoadedModel, shape: TrainedShape, options: GpuBenchOptions): Promise<void> {
  const precision = model.precision!.compute
  const what = `${shape.name} ${precision}`
  using stack = new Disposables()
  const runtime = stack.use(openRuntime())
  let weights: Weights | undefined
  let peak = 0
  await report.part('training', `${what}, weights and the best product`, options.short ? 1 : shape.seconds, async () => {
    weights = stack.use(await baseWeights(runtime, model, { device: weightsOn(options.device) }))
    peak = await bestProduct(runtime, precision, options)
    return { 'TFLOP/s': (peak / 1e12).toFixed(2), memory: memoryMegabytes(options.device) }
  })
  if (!weights || peak === 0) return
  const shared = { runtime, weights, peak }
  for (const method of methods)
    await report.part('training', `${what} ${method}`, options.short ? 1 : shape.seconds / 2, () => ours(model, method, shape, shared, options))
  if (!hasPeer(report)) return report.skip('training', `${what}, PEFT`, 'no peer, as the environment says')
  if (precision === 'float16') return report.skip('training', `${what}, PEFT`, 'the peer has bfloat16 in its place')
  let measured = new Map<string, Line['figures']>()
  await report.part('training', `${what}, PEFT`, options.short ? 20 : 20 + shape.seconds, async () => {
    const started = performance.now()
    const { rows, failure } = await peers(shape, precision, options)
    measured = rows
    if (failure) throw failure
    return { methods: measured.size, seconds: ((performance.now() - started) / 1000).toFixed(1) }
  })
  for (const [method, figures] of measured) report.add('training', `${what} ${method}, PEFT`, figures)
}

/** FLOP/s of the device's own product of large squares, in the precision that a step computes in. */
async function bestProduct(runtime: Runtime, compute: GpuPrecision, { device, short }: GpuBenchOptions): Promise<number> {
  using large = await matMulPeak(runtime, { device, threads: short ? 1 : 8 }, { size: short ? 256 : 8192, dtype: device === 'cpu' ? 'float32' : compute })
  // Awaited here: what it is measured with is given back at the end of this block.
  return await large.measure(short ? 2 : 5)
}

async function ours(
  model: LoadedModel,
  method: string,
  { batch, tokens }: TrainedShape,
  { peak, ...shared }: { runtime: Runtime; weights: Weights; peak: number },
  { device, short }: GpuBenchOptions,
): Promise<Line['figures']> {
  using step = await openTrainingStep({ model, method, batch, tokens, virtualTokens: 20, device, threads: short ? 1 : 8, shared })
  await step.run() // prepares the session
  const times: number[] = []
  for (let i = 0; i < (short ? 2 : 10); i++) times.push((await step.run()).ms)
  const flops = matMulFlops(buildTrainingGraph(step.program, step.batch.bucket, 'gradients'))
  const ms = median(times)
  return {
    'step ms': ms.toFixed(1),
    'tokens/s': ((batch * tokens) / (ms / 1000)).toFixed(0),
    'of peak': `${((100 * flops) / (ms / 1000) / peak).toFixed(1)} %`,
    memory: memoryMegabytes(device),
  }
}

/** All methods in one process of Python: most of a short measurement is its imports. Where one of them fails, with those before it. */
async function peers(
  { shape, batch, tokens }: TrainedShape,
  precision: GpuPrecision,
  { device, short }: GpuBenchOptions,
): Promise<{ rows: Map<string, Line['figures']>; failure?: Error }> {
  const script = fileURLToPath(new URL('../training/peft_train.py', import.meta.url))
  const args = [
    script,
    shape,
    '--method',
    methods.join(),
    '--batch',
    `${batch}`,
    '--tokens',
    `${tokens}`,
    '--virtual-tokens',
    '20',
    '--steps',
    short ? '2' : '10',
  ]
  if (precision === 'bfloat16') args.push('--bfloat16')
  if (device === 'cuda') args.push('--device', 'cuda')
  else args.push('--threads', short ? '1' : '8')
  try {
    return { rows: peerRows((await promisify(execFile)('python3', args, { timeout: 120_000 })).stdout) }
  } catch (error) {
    const failure = error as Error & { stdout?: string }
    return { rows: peerRows(failure.stdout ?? ''), failure }
  }
}

/** Figures by method, of a line of JSON for each. */
function peerRows(stdout: string): Map<string, Line['figures']> {
  const rows = stdout
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => JSON.parse(line) as { method: string } & Record<string, number>)
  return new Map(
    rows.map(({ method, step_ms_median, tokens_per_s, peak_mb, card_mb, card_process_mb }) => [
      method,
      {
        'step ms': step_ms_median,
        'tokens/s': tokens_per_s.toFixed(0),
        memory: card_mb ? `${card_process_mb ?? '?'} on the card, ${card_mb} of them PyTorch's at most` : `${peak_mb} resident`,
      },
    ]),
  )
}

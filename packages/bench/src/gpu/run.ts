import { elementCount } from '@weft/graph'
import type { LoadedModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { decoding } from './decoding.ts'
import { tellEnvironment } from './environment.ts'
import { goldenCases } from './golden.ts'
import { allPrecisions, asked, type GpuBenchOptions, precisionsOf } from './options.ts'
import { randomModel } from './random-model.ts'
import { Report } from './report.ts'
import { killAndResume } from './resume.ts'
import { type TrainedShape, training } from './training.ts'

const trained: readonly TrainedShape[] = [
  { name: '135M', shape: 'smollm2', batch: 8, tokens: 256, seconds: 4 },
  { name: '1B', shape: 'llama-1b', batch: 8, tokens: 256, seconds: 10 },
  { name: '8B', shape: 'llama-8b', batch: 4, tokens: 256, seconds: 30 },
]
const tiny: readonly TrainedShape[] = [{ name: 'tiny', shape: 'tiny', batch: 2, tokens: 12, seconds: 1 }]

const shapes = (short: boolean) => (short ? tiny : trained)
/** Names of the shapes, for whoever asks for some. */
export const shapesOf = (short: boolean): string[] => shapes(short).map(({ name }) => name)

/** Bytes of a parameter in 32 and 16 bits, and what a card must have for the largest shapes. */
const largeOnly = (name: string) => name === '8B' || name === '1B'

/**
 * What a card does, in one go: golden cases in every precision, a job that is killed, training against its own peak and against PEFT, decoding. One table;
 * what the machine lacks, and what time does not suffice for, is a line of it.
 */
export async function gpuBench(options: GpuBenchOptions, say: (text: string) => void): Promise<Report> {
  const report = new Report(options.seconds, say)
  const { device, short } = options
  using runtime = openRuntime()
  tellEnvironment(report, runtime, device)
  if (asked(options.parts, 'golden')) await goldenCases(report, options)
  if (asked(options.parts, 'resume')) await killAndResume(report, options)
  if (!asked(options.parts, 'decoding') && !asked(options.parts, 'training')) return report
  for (const shape of shapes(short).filter(({ name }) => asked(options.shapes, name))) {
    for (const precision of allPrecisions.filter((each) => asked(options.precisions, each))) {
      const what = `${shape.name} ${precision}`
      if (!precisionsOf(device).includes(precision)) {
        report.skip('shape', what, `the ${device} does not compute in it`)
        continue
      }
      // A large model in 32 bits says nothing that a small one does not, and takes the time of those that matter.
      if (largeOnly(shape.name) && precision === 'float32') {
        report.skip('shape', what, 'large shapes are measured in 16 bits')
        continue
      }
      if (shape.name === '8B' && precision === 'float16') {
        report.skip('shape', what, 'measured in bfloat16')
        continue
      }
      let model: LoadedModel | undefined
      await report.part('shape', what, shape.seconds, async () => {
        const started = performance.now()
        model = await randomModel(shape.shape, precision)
        return { parameters: count(model), 's to make': ((performance.now() - started) / 1000).toFixed(1) }
      })
      if (!model) continue
      if (asked(options.parts, 'decoding')) await decoding(report, runtime, shape.name, model, options)
      if (asked(options.parts, 'training')) await training(report, model, { ...shape, shape: peerName(shape.shape) }, options)
    }
  }
  return report
}

/** What the peer's script knows a shape by. */
const peerName = (shape: string): string => (shape === 'smollm2' ? shape : new URL(`shapes/${shape}.json`, import.meta.url).pathname)

const count = ({ weights }: LoadedModel): string => {
  const total = weights.names.reduce((sum, name) => sum + elementCount(weights.shape(name)), 0)
  return total > 1e9 ? `${(total / 1e9).toFixed(2)}B` : `${(total / 1e6).toFixed(1)}M`
}

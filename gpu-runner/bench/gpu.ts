/**
 * What a card does, in one go and one table: `npx node gpu-runner/bench/gpu.ts [--device cuda|cpu|webgpu] [--short] [--seconds 460]
 * [--parts golden,resume,decoding,training] [--shapes 135M,1B,8B] [--precisions float32,float16,bfloat16]`.
 * Needs Node, the runner's packages and ONNX Runtime for the device; torch, peft and transformers for the peer's figures. `--device cpu --short` is a dry run: it
 * does everything with tiny shapes and measures nothing. Ends with 1 when a part failed.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { allPrecisions, type GpuBenchOptions, gpuParts } from '@weft/bench/gpu/options'
import { gpuBench, shapesOf } from '@weft/bench/gpu/run'
import type { Device } from '@weft/ort'

const refuse = (why: string): never => {
  console.error(`${why} --help says what there is.`)
  process.exit(2)
}
const config = {
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    device: { type: 'string', default: 'cuda' },
    short: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '460' },
    parts: { type: 'string' },
    shapes: { type: 'string' },
    precisions: { type: 'string' },
    golden: { type: 'string', default: fileURLToPath(new URL('../../test/golden/peft', import.meta.url)) },
  },
} as const
const parsed = () => {
  try {
    return parseArgs(config).values
  } catch (error) {
    return refuse(`${(error as Error).message.split('. ')[0]}.`)
  }
}
const values = parsed()
if (values.help) {
  console.log(`npx node gpu-runner/bench/gpu.ts [options]

  --device cuda|cpu|webgpu      where (cuda)
  --short                       tiny shapes and few steps: everything runs, nothing is measured
  --seconds N                   what does not fit into so many is named as skipped (460)
  --parts P,…                   of ${gpuParts.join(', ')}
  --shapes S,…                  of ${shapesOf(false).join(', ')}; with --short of ${shapesOf(true).join(', ')}
  --precisions P,…              of ${allPrecisions.join(', ')}
  --golden DIR                  PEFT's cases`)
  process.exit(0)
}
const { short } = values
const devices: readonly Device[] = ['cuda', 'cpu', 'webgpu']
const device = devices.find((name) => name === values.device) ?? refuse(`--device is "${values.device}"; expected ${devices.join(', ')}.`)
const seconds = Number(values.seconds)
if (!(seconds > 0)) refuse(`--seconds is "${values.seconds}"; expected a number above 0.`)
/** Names with commas between, each one of those there are. */
const list = <T extends string>(option: 'parts' | 'shapes' | 'precisions', known: readonly T[]) => {
  const names = values[option]?.split(',')
  const unknown = names?.find((name) => !known.includes(name as T))
  if (unknown !== undefined) refuse(`--${option} has "${unknown}"; expected some of ${known.join(', ')}, with commas between.`)
  return names && { [option]: names as T[] }
}
const options: GpuBenchOptions = {
  device,
  short,
  seconds,
  golden: values.golden,
  ...list('parts', gpuParts),
  ...list('shapes', shapesOf(short)),
  ...list('precisions', allPrecisions),
}
const isOfShapes = !options.parts || options.parts.some((part) => part === 'decoding' || part === 'training')
if (options.shapes && !isOfShapes) refuse(`--shapes says nothing beside --parts ${values.parts}: leave one of them out.`)
if (options.precisions && options.parts?.every((part) => part === 'resume')) refuse('--precisions says nothing beside --parts resume: leave one of them out.')
const report = await gpuBench(options, (text) => console.error(text))
console.log(report.table())
process.exitCode = report.failed.length > 0 ? 1 : 0

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

const { values } = parseArgs({
  options: {
    device: { type: 'string', default: 'cuda' },
    short: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '460' },
    parts: { type: 'string' },
    shapes: { type: 'string' },
    precisions: { type: 'string' },
    golden: { type: 'string', default: fileURLToPath(new URL('../../test/golden/peft', import.meta.url)) },
  },
})
const { short } = values
/** Names with commas between, each one of those there are. */
const list = <T extends string>(option: 'parts' | 'shapes' | 'precisions', known: readonly T[]) => {
  const names = values[option]?.split(',')
  const unknown = names?.find((name) => !known.includes(name as T))
  if (unknown !== undefined) {
    console.error(`--${option} has "${unknown}"; expected some of ${known.join(', ')}, with commas between.`)
    process.exit(2)
  }
  return names && { [option]: names as T[] }
}
const options: GpuBenchOptions = {
  device: values.device as Device,
  short,
  seconds: Number(values.seconds),
  golden: values.golden,
  ...list('parts', gpuParts),
  ...list('shapes', shapesOf(short)),
  ...list('precisions', allPrecisions),
}
const report = await gpuBench(options, (text) => console.error(text))
console.log(report.table())
process.exitCode = report.failed.length > 0 ? 1 : 0

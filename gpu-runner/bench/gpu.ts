/**
 * What a card does, in one go and one table: `npx node gpu-runner/bench/gpu.ts [--device cuda|cpu|webgpu] [--short] [--seconds 460]`.
 * Needs Node, the runner's packages and ONNX Runtime for the device; torch, peft and transformers for the peer's figures. `--device cpu --short` is a dry run: it
 * does everything with tiny shapes and measures nothing. Ends with 1 when a part failed.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gpuBench } from '@weft/bench/gpu/run'
import type { Device } from '@weft/ort'

const { values } = parseArgs({
  options: {
    device: { type: 'string', default: 'cuda' },
    short: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '460' },
    golden: { type: 'string', default: fileURLToPath(new URL('../../test/golden/peft', import.meta.url)) },
  },
})
const report = await gpuBench({ device: values.device as Device, short: values.short, seconds: Number(values.seconds), golden: values.golden }, (text) =>
  console.error(text),
)
console.log(report.table())
process.exitCode = report.failed.length > 0 ? 1 : 0

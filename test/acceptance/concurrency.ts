/**
 * Random requests at once (all sites, operators at the output, grammars, tenants, priorities, askers that leave), and each alone: the same
 * tokens, in float32.
 *
 * Usage: npx node test/acceptance/concurrency.ts [--requests 10000] [--seed 1] [--places 48] [--json]
 */
import { rmSync } from 'node:fs'
import { openRuntime } from '@weft/ort'
import { compareConcurrent } from '../cases/serving/concurrency.ts'
import { writeTinyLlama } from '../models/tiny-llama.ts'
import { scriptOptions } from './script-options.ts'

const values = scriptOptions({
  requests: { type: 'string', default: '10000' },
  seed: { type: 'string', default: '1' },
  places: { type: 'string', default: '48' },
  json: { type: 'boolean', default: false },
})
const folder = writeTinyLlama()
const runtime = openRuntime()
try {
  const report = await compareConcurrent(runtime, folder, { requests: Number(values.requests), seed: Number(values.seed), places: Number(values.places) })
  console.log(values.json ? JSON.stringify(report) : report)
  if (report.differences > 0) process.exitCode = 1
} finally {
  runtime.dispose()
  rmSync(folder, { recursive: true })
}

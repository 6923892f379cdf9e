/**
 * As many streams at once as the runner has places for, and more of every kind beyond them: none is dropped, and the rest is answered 429 with
 * `retry-after`, 95 of 100 of them `--within` so many milliseconds; otherwise it exits with 1. Refusals are timed twice: where the thousand streams are held, and
 * by a process that holds none of them and so tells what the servers take, which is what the bound is for. 50 ms is our aim for two cores with nothing else to do;
 * where others are at work, give a bound that they leave. CPU seconds say who was busy.
 *
 * Usage: npx node test/acceptance/overload.ts [--streams 1000] [--beyond 600] [--within 50] [--seed 1] [--model DIR] [--json]
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { overload } from '../cases/serving/overload.ts'
import type { Quantiles } from '../cases/serving/quantiles.ts'
import { root } from '../e2e/weft-process.ts'
import { scriptOptions } from './script-options.ts'
import { ServedWeft } from './served-weft.ts'

const values = scriptOptions({
  streams: { type: 'string', default: '1000' },
  beyond: { type: 'string', default: '600' },
  within: { type: 'string', default: '50' },
  seed: { type: 'string', default: '1' },
  model: { type: 'string' },
  json: { type: 'boolean', default: false },
})
const streams = Number(values.streams)
const within = Number(values.within)
const slots = 32
const state = mkdtempSync(join(tmpdir(), 'weft-overload-'))
// A tenant has half of the places: this one's are a place for each stream, and few more.
const config = join(root, `.weft-overload-${process.pid}.config.ts`)
writeFileSync(
  config,
  `import { defineConfig } from '@weft/protocol'
export default defineConfig({ models: { base: { path: '@weft/base-model' } }, plugins: [], runner: { slots: ${slots}, waiting: ${2 * streams} } })
`,
)
let failed = false
try {
  await using weft = await ServedWeft.start(state, ['--config', config, ...(values.model === undefined ? [] : ['--model', values.model])])
  const post = (path: string, body: object) =>
    fetch(`${weft.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weft.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const beyond = Number(values.beyond)
  const before = weft.cpuSeconds()
  let quiet: { refused: number; refusalMs: Quantiles } | undefined
  const crowd = await overload(post, {
    streams,
    beyond,
    seed: Number(values.seed),
    tokens: [40, 60],
    whenFull: async () => {
      const args = [join(import.meta.dirname, 'refusals-main.ts'), '--url', weft.url, '--requests', String(beyond), '--every', '10']
      const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, WEFT_KEY: weft.key } })
      quiet = JSON.parse(stdout)
    },
  })
  const after = weft.cpuSeconds()
  const used = (of: number, since: number): number => Math.round(10 * (of - since)) / 10
  const cpuSeconds = { edge: used(after.edge, before.edge), runner: used(after.runner, before.runner), client: used(process.cpuUsage().user / 1e6, 0) }
  const report = { ...crowd, quietClient: quiet, cpuSeconds }
  console.log(values.json ? JSON.stringify(report) : report)
  failed = crowd.dropped > 0 || crowd.wrong > 0 || crowd.refused === 0 || !quiet || quiet.refused === 0 || !(quiet.refusalMs.p95 <= within)
} finally {
  rmSync(state, { recursive: true, force: true })
  rmSync(config, { force: true })
}
process.exit(failed ? 1 : 0)

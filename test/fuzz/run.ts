/**
 * A long hostile run against a real edge and runner on a tiny model.
 *
 * Usage: npm run fuzz -- [--requests 10000] [--adapters N] [--expressions N] [--files N] [--seed 1] [--json]
 *
 * Prints how many answers of each status came, what a bystander waited meanwhile, and the memory of all processes before and after.
 * Exit code 1 when an answer was the server's fault, a request had none, or a process died.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { serveTinyModel } from '../e2e/served-tiny-model.ts'
import { descendants } from '../e2e/weft-process.ts'
import { bystander, fuzzServed, type Kind, kindNames, targetOf } from './served.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000' },
    adapters: { type: 'string' },
    expressions: { type: 'string' },
    files: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
const runs = (kind: Kind): number => Number(values[kind] ?? values.requests)

const residentMb = (pid: number): number => {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

const served = await serveTinyModel()
const { url } = served.weft
const processes = descendants(served.weft.child.pid!)
const memory = (): number => Math.round(processes.reduce((sum, pid) => sum + residentMb(pid), 0))
let faults = 0
try {
  const target = await targetOf(url, served.key)
  // Caches and code are warm before memory is read the first time.
  for (const kind of kindNames) await fuzzServed(url, target, kind, { runs: Math.min(2000, runs(kind)), seed: seed + 1_000_000 })
  await sleep(5_000)
  const before = memory()
  for (const kind of kindNames) {
    const stopping = new AbortController()
    const watching = bystander(url, served.key, stopping.signal)
    const report = await fuzzServed(url, target, kind, { runs: runs(kind), seed })
    stopping.abort()
    const others = await watching
    faults += report.failed + others.failed
    if (values.json) console.log(JSON.stringify({ ...report, bystander: others }))
    else {
      console.log(
        `${kind}: ${report.sent} sent, ${Object.entries(report.byStatus)
          .map(([status, n]) => `${n} × ${status}`)
          .join(', ')}; ${report.failed} failures`,
      )
      console.log(`  a bystander asked ${others.asked} times, ${others.failed} failed; median ${others.medianMs} ms, longest ${others.longestMs} ms`)
      for (const { request, answer } of report.failures) console.log(`  ${request}\n    → ${answer}`)
    }
  }
  await sleep(10_000)
  const gone = processes.filter((pid) => residentMb(pid) === 0).length
  faults += gone
  const memories = { processes: processes.length, gone, beforeMb: before, afterMb: memory() }
  console.log(
    values.json ? JSON.stringify(memories) : `memory of ${processes.length} processes: ${before} MB before, ${memories.afterMb} MB after; ${gone} died`,
  )
} finally {
  await served.stop()
}
process.exit(faults ? 1 : 0)

/**
 * Edge and runner killed with -9 at random moments, under clients that publish, move an alias, train, send batches and stream: what was acknowledged must be
 * there afterwards, whole. It says how far it is, and ends by itself: what has not come to its end `--settle` minutes after the last kill is a fault.
 *
 * Usage: npx node test/acceptance/random-kills.ts [--host dev] [--kills 100] [--seed 1] [--every 5] [--settle 8] [--json]
 * `--host node` kills `weft serve`, over SQLite and a folder, in the place of `weft dev`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Random, sha256 } from '@weft/adapters'
import type { WeftClient } from '@weft/client'
import { until } from '../e2e/weft-process.ts'
import { killableDev, killableServe } from './kills/killable-weft.ts'
import { type Ledger, mixedLoad, newLedger } from './kills/mixed-load.ts'
import { endScript, scriptOptions } from './script-options.ts'

/** How what is killed is hosted. */
const hosts = { dev: killableDev, node: killableServe }
export type KilledHost = keyof typeof hosts

export interface RandomKillsReport {
  seed: number
  kills: Record<string, number>
  published: number
  moves: number
  jobs: number
  batches: number
  streams: { completed: number; broken: number }
  errors: Record<string, number>
  /** How long it took: until the last kill, and until everything had come to its end. */
  minutes: { kills: number; settled: number }
  /** What was acknowledged and is not there, or not whole; and what must never happen. */
  faults: string[]
}

/**
 * @param everySeconds mean time between two kills
 * @param settleMinutes how long jobs and batches may take after the last one
 * @param onProgress told of each kill, and of how far the looking is
 */
async function randomKills({
  host = 'dev',
  kills,
  seed,
  everySeconds,
  settleMinutes = 8,
  onProgress = () => {},
}: {
  host?: KilledHost
  kills: number
  seed: number
  everySeconds: number
  settleMinutes?: number
  onProgress?: (said: string) => void
}): Promise<RandomKillsReport> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-random-kills-'))
  const start = performance.now()
  const minutes = (): number => Math.round((performance.now() - start) / 6000) / 10
  const weft = await hosts[host](folder)
  try {
    const { client } = weft
    const random = new Random(seed)
    const ledger = newLedger()
    const over = new AbortController()
    const { ended: load } = await mixedLoad(client, ledger, random, over.signal)
    const names = Object.keys(weft.processes)
    const killed = Object.fromEntries(names.map((name) => [name, 0]))
    try {
      for (let done = 0; done < kills; ) {
        await Promise.race([sleep(everySeconds * 1000 * (0.2 + 1.6 * random.uniform())), load])
        const target = names[random.integer(names.length)]!
        const pid = weft.processes[target]!()
        // It may be dead still, from the last time.
        if (pid === undefined) continue
        process.kill(pid, 'SIGKILL')
        killed[target]!++
        onProgress(`${++done} of ${kills} kills: ${target}`)
      }
    } finally {
      over.abort()
    }
    const killsMinutes = minutes()
    const settling = AbortSignal.timeout(settleMinutes * 60_000)
    const patience = new Promise<void>((resolve) => settling.addEventListener('abort', () => resolve(), { once: true }))
    await Promise.race([load, patience])
    await until(async () => {
      const { runner } = await client.health()
      return runner.reachable && runner.status === 'ok' ? true : undefined
    }, 120)
    // A minute of load leaves something to look for.
    const idle = kills * everySeconds >= 60 && ledger.published.size === 0 ? ['nothing was acknowledged between the kills: a longer --every leaves time'] : []
    const faults = [...idle, ...ledger.violations, ...(await lost(client, ledger, settling, onProgress))]
    return {
      seed,
      kills: killed,
      published: ledger.published.size,
      moves: ledger.moves.filter(({ acknowledged }) => acknowledged).length,
      jobs: ledger.jobs.length,
      batches: ledger.batches.size,
      streams: ledger.streams,
      errors: Object.fromEntries([...ledger.errors].sort()),
      minutes: { kills: killsMinutes, settled: minutes() },
      faults,
    }
  } finally {
    await weft.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Whatever was acknowledged and does not hold. */
async function lost(client: WeftClient, ledger: Ledger, settling: AbortSignal, onProgress: (said: string) => void): Promise<string[]> {
  const faults: string[] = []
  const check = async (what: string, holds: () => Promise<string | undefined>): Promise<void> => {
    const fault = await holds().catch((error: Error) => (settling.aborted ? `it had not come to its end in time (${error.message})` : error.message))
    if (fault !== undefined) faults.push(`${what}: ${fault}`)
  }
  let looked = 0
  const next = (kind: string, of: number): void => {
    if (++looked % 10 === 0 || looked === of) onProgress(`looked at ${looked} of ${of} ${kind}`)
    if (looked === of) looked = 0
  }
  for (const [id, digest] of ledger.published)
    await check(id, async () => {
      const stored = await sha256(await client.adapters.download(id))
      return stored === digest ? undefined : `its file is ${stored}, and ${digest} was acknowledged`
    }).then(() => next('published versions', ledger.published.size))
  await check('the alias', async () => {
    const version = (await client.adapters.aliases('kills/moved')).find(({ alias }) => alias === 'prod')?.version
    // The last that was acknowledged, or one that was under way after it.
    const from = ledger.moves.findLastIndex(({ acknowledged }) => acknowledged)
    return ledger.moves.slice(from).some((move) => move.version === version)
      ? undefined
      : `it stands for ${version}, and ${ledger.moves[from]?.version} was acknowledged`
  })
  const digests = new Set<string>()
  for (const id of ledger.jobs)
    await check(id, async () => {
      const job = await client.jobs.wait(id, { signal: settling })
      if (job.status !== 'succeeded') return `it ended ${job.status}: ${job.error?.message}`
      digests.add((await client.adapters.get(job.fineTunedModel!)).digest)
      return undefined
    }).then(() => next('jobs', ledger.jobs.length))
  if (digests.size > 1) faults.push(`jobs that are the same gave ${digests.size} different files`)
  for (const [id, count] of ledger.batches)
    await check(id, async () => {
      const batch = await client.batches.wait(id, { signal: settling })
      if (batch.status !== 'completed') return `it ended ${batch.status}`
      const { total, completed, failed } = batch.requestCounts
      if (completed !== count) return `${completed} of ${count} requests were answered (${total}, ${failed} failed)`
      const ids = (await client.files.content(batch.outputFileId!))
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)
      return new Set(ids).size === count && ids.length === count ? undefined : `its file has the answers ${ids.join(', ')}`
    }).then(() => next('batches', ledger.batches.size))
  return faults
}

if (import.meta.main) {
  const values = scriptOptions({
    host: { type: 'string', default: 'dev' },
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    every: { type: 'string', default: '5' },
    settle: { type: 'string', default: '8' },
    json: { type: 'boolean' },
  })
  if (!Object.hasOwn(hosts, values.host)) endScript(`--host is ${Object.keys(hosts).join(' or ')}, not "${values.host}".`)
  const report = await randomKills({
    host: values.host as KilledHost,
    kills: Number(values.kills),
    seed: Number(values.seed),
    everySeconds: Number(values.every),
    settleMinutes: Number(values.settle),
    onProgress: (said) => console.error(said),
  })
  console.log(JSON.stringify(report, null, values.json ? 0 : 2))
  if (report.faults.length > 0) process.exit(1)
}

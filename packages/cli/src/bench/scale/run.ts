import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TemporaryFolder } from '@weft/bench/temporary-folder'
import { defaultConfig } from '../../launcher/project.ts'
import { baseOf, benchAdapter } from '../edge/bench-adapter.ts'
import { latencyOf, timed } from '../edge/latency.ts'
import { BenchRunner, startEdge } from '../edge/served.ts'
import { zipf } from './popularity.ts'
import { countsOf } from './runner-counts.ts'

export interface ScaleBenchOptions {
  runners: number
  adapters: number
  requests: number
  /** Requests under way at any time. */
  atOnce: number
  seed: number
}

export interface Placed {
  /** Of all requests, those whose runner held the composition. */
  hit_ratio: number
  /** What the busiest runner answered, over the mean. */
  balance: number
  /** Of whole requests, through the edge. All runners share this machine: more of them are not faster here. */
  p95_ms: number
}

export interface ScaleBench extends Record<'rendezvous' | 'random' | 'single', Placed> {
  runners: number
  adapters: number
  requests: number
  /** `rendezvous` over `single`. */
  hits_kept: number
}

/**
 * Real runners behind a real edge under workerd, asked for adapters of which few are popular: placed by the composition's key, at random as a balancer that knows
 * nothing would, and all on one runner. Caches begin empty each time, since every way has adapters of its own.
 */
export async function benchScale({ runners: count, ...options }: ScaleBenchOptions, note: (text: string) => void): Promise<ScaleBench> {
  using temporary = new TemporaryFolder('bench-scale')
  const folder = temporary.path
  const runners: BenchRunner[] = []
  try {
    note(`starting ${count} runners …`)
    for (let at = 0; at < count; at++) runners.push(await BenchRunner.start(join(folder, `runner-${at}`)))
    const measure = async (placing: 'rendezvous' | 'random', some: readonly BenchRunner[], way: number) => {
      note(`${options.requests} requests for ${options.adapters} adapters over ${some.length} ${some.length === 1 ? 'runner' : `runners, ${placing}`} …`)
      return place({ ...options, folder: join(folder, `edge-${way}`), placing, urls: some.map(({ url }) => url), way })
    }
    const rendezvous = await measure('rendezvous', runners, 0)
    const random = await measure('random', runners, 1)
    const single = await measure('rendezvous', runners.slice(0, 1), 2)
    const { adapters, requests } = options
    return { runners: count, adapters, requests, rendezvous, random, single, hits_kept: rounded(rendezvous.hit_ratio / single.hit_ratio) }
  } finally {
    for (const runner of runners) await runner[Symbol.asyncDispose]()
  }
}

interface Place extends Omit<ScaleBenchOptions, 'runners'> {
  folder: string
  placing: 'rendezvous' | 'random'
  urls: readonly string[]
  /** Which way of placing this is: its adapters are no other's. */
  way: number
}

async function place({ folder, placing, urls, way, adapters, requests, atOnce, seed }: Place): Promise<Placed> {
  const config = `${folder}.config.ts`
  const runners = JSON.stringify({ pools: { bench: { urls } }, placing })
  writeFileSync(config, `import config from ${JSON.stringify(defaultConfig)}\nexport default { ...config, runners: ${runners} }\n`)
  await using edge = await startEdge(folder, urls[0]!, config)
  const base = await baseOf(edge)
  for (let at = 0; at < adapters; at++) await edge.client.adapters.publish(`bench/${at}`, await benchAdapter(base, way * adapters + at + 1))
  const before = await Promise.all(urls.map(countsOf))
  const draw = zipf(adapters, seed)
  const { p95 } = latencyOf(await timed(requests, atOnce, () => edge.complete(`base + bench/${draw()}`)))
  const after = await Promise.all(urls.map(countsOf))
  const answered = after.map((counts, at) => counts.answered - before[at]!.answered)
  const misses = after.reduce((sum, counts, at) => sum + counts.misses - before[at]!.misses, 0)
  return {
    hit_ratio: rounded(1 - misses / requests),
    balance: rounded((Math.max(...answered) * urls.length) / answered.reduce((sum, each) => sum + each, 0)),
    p95_ms: rounded(p95),
  }
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000

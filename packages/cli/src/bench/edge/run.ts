import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TemporaryFolder } from '@weft/bench/temporary-folder'
import { baseOf, benchAdapter } from './bench-adapter.ts'
import { inTurns, type Latency, latencyOf, timed } from './latency.ts'
import { type BenchEdge, BenchRunner, startEdge } from './served.ts'
import { workerCpu } from './worker-cpu.ts'

const crowdMain = fileURLToPath(new URL('crowd-main.ts', import.meta.url))

export interface EdgeBenchOptions {
  requests: number
  adapters: number
  routes: number
}

/** Milliseconds. `edge_ms` minus `direct_ms` is what the edge adds. */
export interface EdgeBench {
  warm: Record<'at_1' | 'at_50', { direct: Latency; edge: Latency; added_p50: number; added_p95: number }>
  /** Of workerd as a whole, with the local stand-ins of D1, KV and R2 that run in it. */
  worker_cpu_ms_per_request: number | null
  resolve: Record<'few' | 'many', { adapters: number; routes: number; by_adapter: Latency; by_route: Latency }> & { ratio_p50: number; ratio_p95: number }
  cold: { first: Latency; again: Latency; added_p50: number }
}

const rounded = <T>(value: T): T =>
  (typeof value === 'number'
    ? Math.round(value * 100) / 100
    : value && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, rounded(each)]))
      : value) as T

/** What an edge adds to a runner, warm and cold, and whether looking things up depends on how much there is. Everything runs on this machine, the edge under workerd without a proxy. */
export async function benchEdge({ requests, adapters, routes }: EdgeBenchOptions, note: (text: string) => void): Promise<EdgeBench> {
  using folder = new TemporaryFolder('bench-edge')
  const state = folder.path
  await using runner = await BenchRunner.start(state)
  const few = { adapters: 100, routes: 10 }
  {
    await using edge = await startEdge(state, runner.url)
    await seed(edge)
  }
  crowd(state, few.adapters, few.routes)
  const first = await measureFew(state, runner, { requests, ...few }, note)
  crowd(state, adapters, routes)
  note(`${adapters} adapters and ${routes} routes …`)
  await using edge = await startEdge(state, runner.url)
  const many = await resolveTimes(edge, { requests, adapters, routes })
  const byBoth = ({ by_adapter: a, by_route: r }: typeof many, q: 'p50' | 'p95') => a[q] + r[q]
  return rounded({
    warm: first.warm,
    worker_cpu_ms_per_request: first.cpu,
    resolve: { few: first.few, many, ratio_p50: byBoth(many, 'p50') / byBoth(first.few, 'p50'), ratio_p95: byBoth(many, 'p95') / byBoth(first.few, 'p95') },
    cold: first.cold,
  })
}

async function seed(edge: BenchEdge): Promise<void> {
  await edge.client.adapters.publish('bench/one', await benchAdapter(await baseOf(edge), 1))
  await edge.client.routes.put('bench-route', { composition: 'base + bench/one' })
}

function crowd(state: string, adapters: number, routes: number): void {
  const [database] = globSync('edge/v3/d1/*/*.sqlite', { cwd: state }).filter((file) => !file.endsWith('metadata.sqlite'))
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', crowdMain, join(state, database!), 'bench/one', String(adapters), String(routes)])
}

async function measureFew(
  state: string,
  runner: BenchRunner,
  { requests, ...few }: { requests: number; adapters: number; routes: number },
  note: (text: string) => void,
) {
  await using edge = await startEdge(state, runner.url)
  const model = 'base + bench/one'
  for (let n = 0; n < 20; n++) await edge.complete(model)
  const { key } = await edge.client.explain(model)
  const between = async (atOnce: number) => {
    note(`${requests} requests, ${atOnce} at once …`)
    const [direct, through] = await inTurns(
      requests,
      atOnce,
      () => runner.generate(key),
      () => edge.complete(model),
    )
    return { direct, edge: through, added_p50: through.p50 - direct.p50, added_p95: through.p95 - direct.p95 }
  }
  const warm = { at_1: await between(1), at_50: await between(50) }
  const before = workerCpu()
  await timed(requests, 1, () => edge.complete(model))
  const after = workerCpu()
  const cpu = before === undefined || after === undefined ? null : (after - before) / requests
  note('cold compositions …')
  return { warm, cpu, cold: await coldTimes(edge), few: await resolveTimes(edge, { requests, ...few }) }
}

/** Every request names an adapter, or a route, that was not named before: nothing that is kept by name helps. */
async function resolveTimes(edge: BenchEdge, { requests, adapters, routes }: { requests: number; adapters: number; routes: number }) {
  await timed(20, 1, () => edge.complete('base + bench/one'))
  const spread = (n: number, of: number): number => (n * 7919) % of
  return {
    adapters,
    routes,
    by_adapter: latencyOf(await timed(Math.min(requests, adapters), 1, (n) => edge.complete(`base + crowd/a${spread(n, adapters)}`))),
    by_route: latencyOf(await timed(Math.min(requests, routes), 1, (n) => edge.complete(`crowd-route-${spread(n, routes)}`))),
  }
}

/** A composition that neither isolate nor runner has seen, to its first token, and the same again. */
async function coldTimes(edge: BenchEdge) {
  const base = await baseOf(edge)
  const times: { first: number[]; again: number[] } = { first: [], again: [] }
  for (let n = 0; n < 20; n++) {
    await edge.client.adapters.publish('bench/cold', await benchAdapter(base, 100 + n))
    for (const list of [times.first, times.again]) list.push(...(await timed(1, 1, () => edge.complete(`base + bench/cold@${n + 1}`))))
  }
  const [first, again] = [latencyOf(times.first), latencyOf(times.again)]
  return { first, again, added_p50: first.p50 - again.p50 }
}

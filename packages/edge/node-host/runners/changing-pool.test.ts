import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunnersConfig } from '@weft/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { monotonicClock } from '../../src/runner/hashing/monotonic-clock.ts'
import { httpTransport } from '../../src/runner/http/transport.ts'
import { dnsOverHttps } from '../../src/runner/pool/name-resolver.ts'
import { openPool } from '../../src/runner/pool/open-pool.ts'
import { pooledDirectory, pooledInference } from '../../src/runner/pool/pooled-backend.ts'
import { SmallRunner } from './small-runner.test.server.ts'

/** A server of DNS over HTTPS on this machine, and what it says that every name stands for. */
const records: { addresses: string[]; ttlS: number; status: number } = { addresses: [], ttlS: 1, status: 0 }
const resolver = createServer((request, response) => {
  const type = new URL(request.url!, 'http://resolver').searchParams.get('type')
  const Answer = type === 'A' ? records.addresses.map((data) => ({ name: 'runners.test', type: 1, TTL: records.ttlS, data })) : []
  response.writeHead(200, { 'content-type': 'application/dns-json' }).end(JSON.stringify({ Status: records.status, Answer }))
})
const hosts = ['127.0.0.1', '127.0.0.2', '127.0.0.3'] as const
const runners: SmallRunner[] = []
let port: number

beforeAll(async () => {
  await new Promise<void>((resolve) => resolver.listen(0, '127.0.0.1', resolve))
  for (const host of hosts) runners.push(await new SmallRunner(host).start(port ?? 0).then((runner) => ((port = Number(new URL(runner.url).port)), runner)))
})
afterAll(async () => {
  resolver.close()
  for (const runner of runners) await runner.kill()
})

/** A pool whose wall clock is set by hand. */
function poolOver(config: RunnersConfig) {
  const wall = { ms: 1_000_000_000 }
  const { port: resolverPort } = resolver.address() as AddressInfo
  const pool = openPool(
    { runners: config },
    {
      urls: [],
      openTransport: (url) => httpTransport({ url, timeoutMs: 2000 }),
      resolve: dnsOverHttps(`http://127.0.0.1:${resolverPort}/dns-query`),
    },
    monotonicClock(() => wall.ms),
  )
  const inference = pooledInference(pool)
  /** The host that answers. */
  const ask = async () => {
    const { text } = await inference.generate({ model: 'base', composition: null, prompt: { text: 'x' }, maxTokens: 1 })
    return new URL(text).hostname
  }
  /** All that answer some requests, in order. */
  const answering = async () => {
    const seen = new Set<string>()
    for (let at = 0; at < 12; at++) seen.add(await ask())
    return [...seen].toSorted()
  }
  return { pool, wall, ask, answering, names: () => pool.membership.known.map(({ name }) => new URL(name).hostname).toSorted() }
}
const byName = (): RunnersConfig => ({ dns: `http://runners.test:${port}` })

test('runners come and go with the addresses of their name; one that stays keeps what is known of it', async () => {
  records.addresses = [hosts[0], hosts[1]]
  const { wall, answering, names, pool } = poolOver(byName())
  expect(await answering()).toEqual([hosts[0], hosts[1]])
  const [, stays] = pool.membership.known
  records.addresses = [hosts[1], hosts[2]]
  // Until the answer has lived its time, nobody asks again.
  expect(await answering()).toEqual([hosts[0], hosts[1]])
  wall.ms += 5001
  await expect.poll(answering).toEqual([hosts[1], hosts[2]])
  expect(names()).toEqual([hosts[1], hosts[2]])
  expect(pool.membership.known).toContain(stays)
})

test('a resolver that fails changes nothing, and is asked again after a second', async () => {
  records.addresses = [hosts[0]]
  const { wall, ask, answering, names } = poolOver(byName())
  expect(await ask()).toBe(hosts[0])
  records.status = 2
  wall.ms += 5001
  expect(await answering()).toEqual([hosts[0]])
  records.status = 0
  records.addresses = [hosts[2]]
  wall.ms += 1001
  await expect.poll(answering).toEqual([hosts[2]])
  expect(names()).toEqual([hosts[2]])
})

test('a pool that shrinks to nobody while a request is under way: that one is answered, the next is refused, and a runner that comes takes the one after', async () => {
  records.addresses = [hosts[0], hosts[1]]
  const { wall, ask, pool, names } = poolOver(byName())
  await ask()
  for (const runner of runners) runner.takesMs = 150
  const underWay = ask()
  records.addresses = []
  wall.ms += 5001
  await pool.membership.members()
  await expect.poll(names).toEqual([])
  expect(hosts).toContain(await underWay)
  for (const runner of runners) runner.takesMs = 0
  await expect(ask()).rejects.toMatchObject({ code: 'runner_unavailable', status: 503, message: expect.stringContaining('the pool is empty') })
  await expect(pooledDirectory(pool).health()).rejects.toMatchObject({
    code: 'runner_unavailable',
    status: 503,
    message: expect.stringContaining('the pool is empty'),
  })
  records.addresses = [hosts[2]]
  wall.ms += 5001
  expect(await ask()).toBe(hosts[2])
})

test('where it shrinks to nobody and the runner of the request dies, the client is told', async () => {
  records.addresses = [hosts[0], hosts[1]]
  const { wall, ask, pool, names } = poolOver(byName())
  await ask()
  for (const runner of runners) Object.assign(runner, { takesMs: 150, diesAfter: 0 })
  const underWay = ask()
  records.addresses = []
  wall.ms += 5001
  await pool.membership.members()
  await expect.poll(names).toEqual([])
  await expect(underWay).rejects.toMatchObject({ code: 'runner_unavailable', status: 503 })
  for (const runner of runners) {
    Object.assign(runner, { takesMs: 0, diesAfter: undefined })
    await runner.kill()
    await runner.start()
  }
})

test.each([
  ['back by an hour', -3_600_000],
  ['ahead by a day', 86_400_000],
])('a clock that jumps %s takes no runner away, and one that was away comes back', async (_, jumpMs) => {
  const { wall, answering, pool } = poolOver(runners.slice(0, 2).map(({ url }) => url))
  expect(await answering()).toEqual([hosts[0], hosts[1]])
  wall.ms += jumpMs
  expect(await answering()).toEqual([hosts[0], hosts[1]])
  await runners[0]!.kill()
  expect(await answering()).toEqual([hosts[1]])
  expect(pool.membership.known[0]).toMatchObject({ state: 'unreachable' })
  wall.ms += jumpMs
  await runners[0]!.start()
  await expect
    .poll(() => {
      wall.ms += 300
      return answering()
    })
    .toEqual([hosts[0], hosts[1]])
})

import type { Health, RunnerPoolConfig } from '@weft/protocol'
import { expect, test } from 'vitest'
import type { Backend } from '../../src/runner/backend.ts'
import { nameNotResolved } from '../../src/runner/pool/errors.ts'
import { Membership } from '../../src/runner/pool/membership.ts'
import { pooledInference } from '../../src/runner/pool/pooled-backend.ts'
import { RunnerPool } from '../../src/runner/pool/runner-pool.ts'
import { trainers } from '../../src/runner/pool/trainers.ts'
import { healthy } from '../../test/tiny-model.ts'

const health = healthy().json as unknown as Health
const spec = { jobId: 'job', model: { name: health.models[0].name, fingerprint: health.models[0].fingerprint } } as Parameters<
  ReturnType<typeof trainers>['choose']
>[0]

/** Pools over names that stand for what `records` says; undefined: nobody resolves it. An answer names the runner. */
function poolsOf(pools: Record<string, RunnerPoolConfig>, records: Record<string, string[] | undefined>) {
  const clock = { ms: 0 }
  const backendOf = (url: string) =>
    ({
      directory: { health: async () => health },
      inference: { generate: async () => ({ text: new URL(url).hostname }) },
      compositions: {},
      training: {},
    }) as unknown as Backend
  const membership = new Membership({
    pools,
    open: (url) => ({ backend: backendOf(url), send: async () => new Response() }),
    resolve: async (host) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      const addresses = records[host]
      if (!addresses) throw nameNotResolved(host, 'it is a test')
      return { addresses, ttlMs: 5000 }
    },
    now: () => clock.ms,
  })
  const pool = new RunnerPool({ membership, of: backendOf('http://of'), now: () => clock.ms })
  const ask = async () => (await pooledInference(pool).generate({ model: spec.model.name, composition: null, prompt: { text: 'x' }, maxTokens: 1 })).text
  const members = () => membership.known.map(({ name, pool: of, work }) => `${new URL(name).hostname} ${of} ${work.join()}`)
  /** Names are looked up again, behind this. */
  const later = async () => {
    clock.ms += 6000
    await membership.members()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { pool, membership, clock, ask, members, later, choose: () => trainers(pool, () => clock.ms).choose(spec) }
}

const chat: RunnerPoolConfig = { dns: 'http://chat:1', for: ['inference'] }
const cards: RunnerPoolConfig = { dns: 'http://cards:1', for: ['training'] }

test.each([
  ['chat', 'cards'],
  ['cards', 'chat'],
])('an address that %s gives up stays with %s, which has it too, and keeps what is known of it', async (gives, keeps) => {
  const records = { chat: ['10.0.0.1'], cards: ['10.0.0.1'] }
  const { membership, members, later, ask, choose } = poolsOf({ chat, cards }, records)
  expect(await ask()).toBe('10.0.0.1')
  expect(await choose()).toBe('http://10.0.0.1:1')
  expect(members()).toEqual(['10.0.0.1 chat inference,training'])
  const [member] = membership.known
  records[gives as 'chat' | 'cards'] = []
  await later()
  expect(membership.known).toEqual([member])
  expect(members()).toEqual([`10.0.0.1 ${keeps} ${keeps === 'chat' ? 'inference' : 'training'}`])
  records[keeps as 'chat' | 'cards'] = []
  await later()
  expect(members()).toEqual([])
})

test('an address that is written stays, whatever names had it and have it no more', async () => {
  const records = { chat: ['10.0.0.1'] }
  const { members, later, ask } = poolsOf({ chat, written: { urls: ['http://10.0.0.1:1'] } }, records)
  expect(await ask()).toBe('10.0.0.1')
  await later()
  records.chat = []
  await later()
  expect(members()).toEqual(['10.0.0.1 written inference,training'])
})

test('a name that nobody resolves takes no runner of another name', async () => {
  const records: Record<string, string[] | undefined> = { cards: undefined, chat: ['10.0.0.1'] }
  const { members, later, ask } = poolsOf({ cards, chat }, records)
  expect(await ask()).toBe('10.0.0.1')
  records.chat = ['10.0.0.2']
  await later()
  expect(members()).toEqual(['10.0.0.2 chat inference'])
})

test('requests that come together while nobody is known yet all wait for the first address', async () => {
  const { ask } = poolsOf({ chat, cards: { urls: ['http://10.0.0.9:1'], for: ['training'] } }, { chat: ['10.0.0.1'] })
  expect(await Promise.all([ask(), ask(), ask()])).toEqual(['10.0.0.1', '10.0.0.1', '10.0.0.1'])
})

test('a runner that is there for training alone answers nobody, though it is the only one', async () => {
  const { ask, choose } = poolsOf({ chat, cards: { urls: ['http://10.0.0.9:1'], for: ['training'] } }, { chat: [] })
  await expect(ask()).rejects.toMatchObject({ code: 'runner_unavailable', status: 503 })
  expect(await choose()).toBe('http://10.0.0.9:1')
})

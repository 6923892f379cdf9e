import { rmSync } from 'node:fs'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { randomTensor, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine, Named } from '../engine.ts'
import { collect } from '../generation/generate.ts'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache } from '../prefix-cache/prefix-cache.ts'
import type { Asker } from './asker.ts'

const folder = writeTinyLlama()
let engine: Engine

beforeAll(async () => {
  const options = { device: 'cpu', threads: 1, fixed: createPrefixCache(1e6), maxBatch: 2, maxWaiting: 64, prefillChunk: 256 } as const
  engine = await openEngine(await loadModel(folder), { runtime: openRuntime(), ...options })
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

const calls = {
  embed: (asker: Asker) => engine.embed(null, ['a boat of long ago'], asker),
  score: (asker: Asker) => engine.score(null, { texts: ['a boat of long ago'], ...asker }),
}

/** Who asked, in the order in which they were answered; all ask at once. */
async function answered(call: (asker: Asker) => Promise<unknown>, askers: readonly (Asker & { name: string })[]): Promise<string[]> {
  const ended: string[] = []
  await Promise.all(askers.map(({ name, ...asker }) => call(asker).then(() => ended.push(name))))
  return ended
}
const crowd = (asker: Asker) => Array.from({ length: 30 }, () => ({ name: 'crowd', ...asker }))

test.each(Object.entries(calls))("a tenant's crowd of texts does not hold another tenant's up: %s", async (_, call) => {
  const ended = await answered(call, [...crowd({ tenant: 'a' }), { name: 'other', tenant: 'b' }])
  // What had begun, and the grant of one round.
  expect(ended.indexOf('other')).toBeLessThan(6)
})

test.each(Object.entries(calls))('an urgent text goes before a crowd of its own tenant: %s', async (_, call) => {
  const ended = await answered(call, [...crowd({ tenant: 'a' }), { name: 'urgent', tenant: 'a', priority: -1 }])
  expect(ended.indexOf('urgent')).toBeLessThan(2)
})

test('two tenants share as their weights say, by tokens', async () => {
  const askers = crowd({}).flatMap(() => [
    { name: 'one', tenant: 'one', tenantWeight: 1 },
    { name: 'three', tenant: 'three', tenantWeight: 3 },
  ])
  const ended = await answered(calls.embed, askers)
  const early = ended.slice(0, 24).filter((name) => name === 'three').length
  expect(early).toBeGreaterThanOrEqual(15)
  expect(early).toBeLessThanOrEqual(21)
})

test('a composition that is being computed is as urgent as the most urgent request that waits for it', async () => {
  const rows = { kind: 'rows', rows: randomTensor([3, 32], 'rows', 0.4) } as const
  const named: Named = { key: `sha256:${'1'.repeat(64)}`, composed: { segments: [rows], sites: {}, longestPrefix: 0 } }
  const asked = { prompt: { text: 'boat' }, maxTokens: 1, temperature: 0, topP: 1, topK: 0, stop: [] }
  const ended: string[] = []
  const note = (name: string) => () => ended.push(name)
  const crowd = Array.from({ length: 30 }, () => calls.embed({}).then(note('crowd')))
  const patient = engine.embed(named, ['a boat'], { priority: 5 }).then(note('patient'))
  const urgent = engine
    .generate(named, { ...asked, priority: -5 })
    .then(collect)
    .then(note('urgent'))
  await Promise.all([...crowd, patient, urgent])
  expect(ended.indexOf('urgent')).toBeLessThan(6)
  expect(ended.at(-1)).toBe('patient')
})

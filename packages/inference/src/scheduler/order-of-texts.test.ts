import { rmSync } from 'node:fs'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine } from '../engine.ts'
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

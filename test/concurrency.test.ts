import { rmSync } from 'node:fs'
import { openRuntime } from '@weft/ort'
import { afterAll, expect, test } from 'vitest'
import { compareConcurrent } from './cases/serving/concurrency.ts'
import { writeTinyLlama } from './models/tiny-llama.ts'

const folder = writeTinyLlama()
afterAll(() => rmSync(folder, { recursive: true }))

test('300 random requests at once, of all sites, operators, grammars, tenants and leavers, are answered as each alone', async () => {
  const report = await compareConcurrent(openRuntime(), folder, { requests: 300, seed: 1 })
  expect(report.different).toEqual([])
  expect(report.most_at_once).toBe(48)
  expect(report.left).toBeGreaterThan(5)
  expect(report.prefix_hit_tokens).toBeGreaterThan(100)
})

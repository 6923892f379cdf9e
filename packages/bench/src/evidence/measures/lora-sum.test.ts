import { rmSync } from 'node:fs'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { expect, test } from 'vitest'
import { domainPairs, domains, loraSum, sumCell } from './lora-sum.ts'

test('each domain has a LoRA of its own, each pair the two added and one for both', async () => {
  const source = writeTinyLlama()
  const cell = sumCell('tiny', 0)
  const notes: string[] = []
  const found = (await loraSum(
    { ...cell, settings: { ...cell.settings, steps: 2, max_length: 12, held_out: 3 } },
    { source, threads: 1, onNote: (text) => notes.push(text) },
  )) as Record<string, Record<string, number>>
  expect(Object.keys(found)).toEqual([...domains, ...domainPairs.map((pair) => pair.join(' + '))])
  expect(notes).toHaveLength(6)
  for (const name of domains) expect(found[name].alone).not.toBe(found[name].base)
  for (const [a, b] of domainPairs) {
    const { sum, joint, change, cosine } = found[`${a} + ${b}`]
    expect(change).toBeCloseTo(sum / joint - 1, 9)
    expect(cosine).toBeGreaterThan(0)
    expect(cosine).toBeLessThan(1)
  }
  rmSync(source, { recursive: true })
})

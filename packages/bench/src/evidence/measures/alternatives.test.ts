import { rmSync } from 'node:fs'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, expect, test } from 'vitest'
import type { Cell } from '../row.ts'
import { loraMerge, mergeCell } from './lora-merge.ts'
import { textCell, textOrTraining } from './text-or-training.ts'

const source = writeTinyLlama()
afterAll(() => rmSync(source, { recursive: true, force: true }))
const context = { source, threads: 1, onNote: () => {} }
const few = (cell: Cell): Cell => ({ ...cell, settings: { ...cell.settings, steps: 1, batch: 2, eval: 6, sets: 2, rows: 3 } })

test('examples and what a search finds are measured as what is trained is, with the calls and the tokens that each takes', async () => {
  const measured = async (way: Parameters<typeof textCell>[2]) => textOrTraining(few(textCell('m', 'A', way, 0)), context)
  const [bare, searched, trained] = [await measured('nothing'), await measured('searched examples'), await measured({ method: 'prompt-tuning' })]
  expect(bare).toMatchObject({ tokens: 0, calls: 0 })
  expect(searched).toMatchObject({ calls: 6 })
  expect(searched.tokens).toBeGreaterThan(100)
  expect(trained).toMatchObject({ tokens: 16, calls: 2 })
  for (const { score, calibrated } of [bare, searched, trained])
    for (const share of [score, calibrated] as number[]) expect(share * 6).toBeCloseTo(Math.round(share * 6), 9)
}, 180_000)

test('LoRAs are merged at a strength that is chosen on other rows', async () => {
  const result = await loraMerge(few(mergeCell('m', 0)), context)
  expect(result).toMatchObject({ sum: { strength: 1 } })
  for (const way of ['task arithmetic', 'ties']) expect([0.3, 0.5, 0.7, 1]).toContain((result[way] as { strength: number }).strength)
}, 180_000)

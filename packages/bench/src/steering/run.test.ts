import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { chosenOf } from './choose.ts'
import { type ContrastOptions, contrastOf } from './contrast.ts'
import { benchSteer } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-bench-steer-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, rows: readonly object[]): string => {
  writeFileSync(join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return join(folder, name)
}

const bundled = fileURLToPath(new URL('.', import.meta.resolve('@weft/base-model/package.json')))
const sizes = { rows: 24, choosing: 3, judged: 4, seed: 0 } satisfies ContrastOptions

test('a vector moves held-out pairs of the corpora its way, the other way at a negative strength, and costs something elsewhere', async () => {
  const options = { ...sizes, model: bundled, layers: [2], strengths: [-1, 1], cost: 10, method: 'steering', threads: 1 }
  const { layer, rows, ...counts } = await benchSteer(options)
  expect(counts).toEqual({ seed: 0, pairs: 24, chosen_on: 3, held_out: 4, reference: 4 })
  expect(layer).toBe(2)
  expect(rows.map(({ behind, strength, chosen }) => [behind, strength, chosen])).toEqual([
    ['base', undefined, false],
    ['prompt', undefined, true],
    ['vector', -1, false],
    ['vector', 1, true],
  ])
  await expect(benchSteer({ ...options, strengths: [-1, 0] })).rejects.toMatchObject({ code: 'contrast_unusable' })
  const [base, , away, toward] = rows
  expect([base.gain, base.cost]).toEqual([0, 0])
  expect(toward.gain).toBeGreaterThan(0.05)
  expect(away.gain).toBeLessThan(-0.05)
  expect(toward.cost).toBeGreaterThan(0)
  expect(toward.gain).toBeCloseTo(toward.margin - base.margin, 3)
})

test('files of pairs: the vector, the choice and the figures are of pairs that share nothing', () => {
  const pair = (text: string) => ({ prompt: 'Dear ', positive: `${text} Madam`, negative: `${text} you` })
  const pairs = file(
    'pairs.jsonl',
    Array.from({ length: 9 }, (_, i) => pair(`p${i}`)),
  )
  const heldOut = file('held-out.jsonl', [pair('h0'), pair('h1')])
  const reference = file(
    'reference.jsonl',
    Array.from({ length: 5 }, (_, i) => ({ text: `r${i}` })),
  )
  const made = contrastOf({ ...sizes, pairs, heldOut, reference, prompts: ['Be formal.'] })
  expect([made.pairs.length, made.choosing.pairs.length, made.heldOut.pairs.length]).toEqual([6, 3, 2])
  const said = [...made.pairs, ...made.choosing.pairs, ...made.heldOut.pairs].map(({ positive }) => positive)
  expect(new Set(said).size).toBe(11)
  expect(new Set([...made.choosing.reference, ...made.heldOut.reference]).size).toBe(5)
  expect(made.prompts).toEqual(['Be formal.'])
  expect(contrastOf({ ...sizes, pairs, heldOut, reference, seed: 1 }).choosing).not.toEqual(made.choosing)

  const refused = (over: Partial<ContrastOptions>) => () => contrastOf({ ...sizes, pairs, heldOut, reference, ...over })
  expect(() => contrastOf({ ...sizes, pairs })).toThrow(expect.objectContaining({ code: 'contrast_unusable', message: expect.stringContaining('--held-out') }))
  expect(refused({ choosing: 9 })).toThrow(expect.objectContaining({ code: 'contrast_too_small', details: { found: 9, least: 10 } }))
  expect(refused({ pairs: reference })).toThrow(expect.objectContaining({ code: 'contrast_unusable', message: expect.stringContaining('line 1') }))
  expect(refused({ reference: pairs })).toThrow(expect.objectContaining({ code: 'contrast_unusable' }))
  expect(refused({ reference: file('one.jsonl', [{ text: 'r' }]) })).toThrow(expect.objectContaining({ code: 'contrast_too_small' }))
})

test('chosen is the largest gain within the cost, and the cheapest where all cost more', () => {
  const [small, large, dear] = [
    { gain: 0.1, cost: 0.02 },
    { gain: 0.2, cost: 0.09 },
    { gain: 0.5, cost: 0.3 },
  ]
  expect(chosenOf([small, dear, large], 0.1)).toBe(large)
  expect(chosenOf([dear, large], 0.01)).toBe(large)
  expect(chosenOf([], 0.1)).toBeUndefined()
})

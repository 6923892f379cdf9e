import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeTinyBert } from '@weft/test/models/tiny-bert'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, expect, test } from 'vitest'
import { heldOutScore, scoreCell } from './measures/held-out-score.ts'
import { ensembleCell, promptEnsemble } from './measures/prompt-ensemble.ts'
import { models } from './models.ts'
import type { EvidencePart } from './part.ts'
import { parts } from './parts.ts'
import type { Cell } from './row.ts'
import { EvidenceRows, keyOf } from './rows.ts'
import { collectEvidence } from './run.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-evidence-'))
const [bert, llama] = [writeTinyBert(), writeTinyLlama()]
afterAll(() => {
  for (const folder of [scratch, bert, llama]) rmSync(folder, { recursive: true, force: true })
})

const few = (cell: Cell, steps: number): Cell => ({ ...cell, settings: { ...cell.settings, steps, batch: 2, max_length: 12 } })
const partOf = (cells: Cell[], run: EvidencePart['run'], name = 'some'): EvidencePart => ({
  name,
  title: name,
  cells: () => cells,
  run,
  table: () => '',
  plot: () => [],
})
const style = (method: string, steps = 1) => few(scoreCell('decoder', method, 'style/whale', 0), steps)
const options = { form: 'short', models: { decoder: llama, encoder: bert }, threads: 1 } as const

test('cells are run once: one that fails costs no other, one without a model is not run, and a changed setting is another cell', async () => {
  const rows = join(scratch, 'rows')
  const cells = [style('ia3'), style('linear-probe'), few(scoreCell('elsewhere', 'ia3', 'style/whale', 0), 1)]
  const first = await collectEvidence({ ...options, rows, parts: [partOf(cells, heldOutScore)] })
  expect(first).toMatchObject({
    stale: 0,
    run: 1,
    kept: 0,
    without_model: { elsewhere: 1 },
    failed: [{ cell: style('linear-probe'), message: expect.stringContaining('classification needs') }],
  })
  const kept = new EvidenceRows(rows).find(style('ia3'))!
  expect(kept.commit).toMatch(/^([0-9a-f]{10}\+?|unknown)$/)
  const { perplexity, base_perplexity, foreign, parameters } = kept.values as Record<string, number>
  // One step of factors that start at 1 leaves a model nearly what it was.
  expect(Math.abs(perplexity / base_perplexity - 1)).toBeLessThan(0.1)
  expect(Math.abs(foreign - 1)).toBeLessThan(0.1)
  expect(parameters).toBe(2 * (16 + 16 + 48)) // k_proj, v_proj and down_proj of two layers
  const again = await collectEvidence({ ...options, rows, parts: [partOf([style('ia3'), style('ia3', 2)], heldOutScore)] })
  expect(again).toMatchObject({ run: 1, kept: 1, failed: [] })
  // Nothing asks for the row of one step any more.
  expect(await collectEvidence({ ...options, rows, parts: [partOf([style('ia3', 2)], heldOutScore)] })).toMatchObject({ run: 0, kept: 1, stale: 1 })
  expect(readFileSync(join(rows, 'some.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(2)
}, 180_000)

test('a classifier of an encoder is compared with the likeliest label, and several prompts with each of them', async () => {
  const rows = join(scratch, 'labels')
  const [one, several] = [few(scoreCell('encoder', 'ia3', 'speech/party', 0), 1), few(ensembleCell('encoder', 'prompt-tuning', 'speech/party', 3, 0), 1)]
  await collectEvidence({ ...options, rows, parts: [partOf([one], heldOutScore), partOf([several], promptEnsemble, 'ensemble')] })
  const found = new EvidenceRows(rows)
  const { accuracy, majority, foreign } = found.find(one)!.values as Record<string, number>
  expect(majority).toBeGreaterThanOrEqual(0.5)
  for (const share of [accuracy, majority]) expect(share * 240).toBeCloseTo(Math.round(share * 240), 6)
  expect(foreign).toBeGreaterThan(0)
  const { each, vote, averaged } = found.find(several)!.values as { each: number[]; vote: number; averaged: number }
  expect(each).toHaveLength(3)
  for (const share of [vote, averaged]) expect(share).toBeGreaterThan(Math.min(...each) - 0.2)
}, 180_000)

test('of a part one seed is run after the other', async () => {
  const cells = ['ia3', 'lora'].flatMap((method) => [0, 1].map((seed) => scoreCell('decoder', method, 'style/whale', seed)))
  const begun: string[] = []
  const run: EvidencePart['run'] = async ({ settings: { method }, seed }) => {
    begun.push(`${method}${seed}`)
    return {}
  }
  await collectEvidence({ ...options, rows: join(scratch, 'order'), parts: [partOf(cells, run)] })
  expect(begun).toEqual(['ia30', 'lora0', 'ia31', 'lora1'])
})

test('a part that is not there is refused before anything runs', async () => {
  await expect(collectEvidence({ ...options, rows: scratch, only: ['composition', 'nothing'] })).rejects.toMatchObject({ code: 'evidence_part_missing' })
})

test('the long form has every cell of the short one, and every cell a model that the page names', () => {
  for (const part of parts) {
    const long = new Set(part.cells('long').map(keyOf))
    expect(part.cells('short').filter((cell) => !long.has(keyOf(cell)))).toEqual([])
    expect(part.cells('long').filter(({ settings }) => !(settings.model in models))).toEqual([])
    expect(part.cells('short').length).toBeGreaterThan(0)
  }
})

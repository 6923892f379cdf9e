import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Cell, Row } from './row.ts'
import { EvidenceRows } from './rows.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-evidence-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'part.jsonl')

const cell = (steps: number, seed = 0): Cell => ({ settings: { model: 'm', steps, config: { b: 1, a: null } }, seed })
const row = (of: Cell, score: number): Row => ({ ...of, commit: 'c', seconds: 1.5, values: { score } })

test('a row is found by its settings and its seed, whatever their order, and the last of equals counts', () => {
  const rows = new EvidenceRows(folder)
  rows.add('part', row(cell(1), 0.25))
  rows.add('part', row(cell(1), 0.5))
  rows.add('other', row(cell(2), 1))
  const read = new EvidenceRows(folder)
  expect(read.size).toBe(2)
  expect(read.find({ settings: { config: { a: null, b: 1 }, steps: 1, model: 'm' }, seed: 0 })).toEqual(row(cell(1), 0.5))
  expect(read.find(cell(1, 1))).toBeUndefined()
  expect(read.find(cell(3))).toBeUndefined()
  expect(read.besides([cell(1)])).toEqual([row(cell(2), 1)])
})

test('what a killed run left half written is no row, and the next one begins on a line of its own', () => {
  appendFileSync(file, JSON.stringify(row(cell(4), 1)).slice(0, 50))
  const rows = new EvidenceRows(folder)
  expect(rows.find(cell(4))).toBeUndefined()
  rows.add('part', row(cell(4), 0.75))
  expect(new EvidenceRows(folder).find(cell(4))?.values).toEqual({ score: 0.75 })
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(5)
})

test('a row of a method keeps the defaults that it had, and is not found once they are others', () => {
  const learned: Cell = { settings: { model: 'm', method: 'prompt-tuning', config: {} }, seed: 0 }
  new EvidenceRows(folder).add('methods', row(learned, 0.9))
  const kept = new EvidenceRows(folder).find(learned)
  expect(kept?.settings.defaults).toMatchObject({ numVirtualTokens: 20, promptTuningInit: 'trainingText' })
  const path = join(folder, 'methods.jsonl')
  writeFileSync(path, readFileSync(path, 'utf8').replace('"trainingText"', '"random"'))
  const before = new EvidenceRows(folder)
  expect(before.find(learned)).toBeUndefined()
  expect(before.besides([learned]).map(({ settings }) => settings.method)).toContain('prompt-tuning')
  rmSync(path)
})

test.each([
  ['no JSON', 'not a row'],
  ['a field that nothing reads', JSON.stringify({ ...row(cell(5), 1), note: '' })],
  ['no model', JSON.stringify({ ...row(cell(5), 1), settings: {} })],
])('a line with %s is refused by its number', (_, line) => {
  writeFileSync(join(folder, 'wrong.jsonl'), `\n${line}\n`)
  expect(() => new EvidenceRows(folder)).toThrow(
    expect.objectContaining({ code: 'evidence_row_unreadable', message: expect.stringMatching(/wrong\.jsonl, line 2/) }),
  )
  rmSync(join(folder, 'wrong.jsonl'))
})

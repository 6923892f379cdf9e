import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { EvidenceRows } from './rows.ts'
import { placesIn, writeEvidence } from './write-page.ts'

const docs = mkdtempSync(join(tmpdir(), 'weft-evidence-'))
afterAll(() => rmSync(docs, { recursive: true, force: true }))

test('a page is written from rows, and without any nothing is written', () => {
  const { rows, page, pictures } = placesIn(docs)
  const refused = expect.objectContaining({ code: 'evidence_rows_missing', message: expect.stringContaining(`no rows in ${rows}`) })
  expect(() => writeEvidence(docs)).toThrow(refused)
  mkdirSync(rows)
  expect(() => writeEvidence(docs)).toThrow(refused)
  expect([page, pictures].filter(existsSync)).toEqual([])
  new EvidenceRows(rows).add('methods', { settings: { model: 'bundled' }, seed: 0, commit: 'c', seconds: 1, values: {} })
  expect(writeEvidence(docs)).toEqual({ page, pictures: [] })
  expect(readFileSync(page, 'utf8')).toMatch(/^# Evidence\n/)
})

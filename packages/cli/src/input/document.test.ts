import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { documentOf, documentRows } from './document.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-document-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test('a text is one document, also one that holds JSON', () => {
  for (const [name, text] of [
    ['manual.txt', 'The lamp.\n\nThe lever.\n'],
    ['settings.json', '{"lamp": 1}'],
    ['pretty.json', '{\n  "lamp": 1\n}\n'],
    ['log.txt', 'started\n{"level": "info"}\n'],
  ] as const) {
    expect(JSON.parse(documentRows(file(name, text)))).toEqual({ document: text })
    expect(documentOf(file(name, text))).toBe(text)
  }
})

test('rows are no document, under whatever name', () => {
  const refused = expect.objectContaining({ code: 'rows_no_document', exitCode: 2, message: expect.stringContaining('npx weft train') })
  for (const [name, text] of [
    ['rows.jsonl', '{"text": "The sea"}\n'],
    ['others.jsonl', '{"txt": 1}\n'],
    ['rows.txt', '{"text": "The sea"}\n{"text": "A whale"}\n'],
  ] as const) {
    expect(() => documentRows(file(name, text))).toThrow(refused)
    expect(() => documentOf(file(name, text))).toThrow(refused)
  }
})

test('a text that is too long for a row is refused by its own name, and the longest is taken', () => {
  const around = JSON.stringify({ document: '' }).length
  expect(documentRows(file('longest.txt', 'x'.repeat(2 ** 20 - around)))).toHaveLength(2 ** 20)
  const path = file('long.txt', 'ä'.repeat(2 ** 19))
  expect(() => documentRows(path)).toThrow(
    expect.objectContaining({
      code: 'document_too_large',
      exitCode: 2,
      message: `${path} has ${2 ** 20 + around} bytes as a row of {"document"}, and a row has at most 1048576. Split it: a file of such rows (documents.jsonl), one for each part, is compressed into one prefix.`,
    }),
  )
})

test('rows of documents go as they are', () => {
  const rows = '{"document": "The lamp."}\n{"document": "The lever."}\n'
  expect(documentRows(file('documents.jsonl', rows))).toBe(rows)
})

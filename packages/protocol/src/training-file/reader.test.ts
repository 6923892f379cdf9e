import { describe, expect, test } from 'vitest'
import { checkLabels, checkTrainingFile, readTrainingFile, trainingRows } from './reader.ts'
import type { TrainingRow } from './row.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const lines = (...rows: unknown[]): string => rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n')

async function* chunked(text: string, size: number): AsyncGenerator<Uint8Array> {
  const all = bytes(text)
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size)
}

const kinds: Record<string, [unknown, TrainingRow]> = {
  text: [{ text: 'naïve 日本 🧵' }, { kind: 'text', text: 'naïve 日本 🧵' }],
  completion: [
    { prompt: '', completion: 'x', weight: 2 },
    { kind: 'completion', prompt: '', completion: 'x', weight: 2 },
  ],
  messages: [
    {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
    },
    {
      kind: 'messages',
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
    },
  ],
  label: [
    { text: 'a', label: 3 },
    { kind: 'label', text: 'a', label: '3' },
  ],
  tokens: [
    { tokens: ['EU', 'rejects', 'it'], labels: ['ORG', 0, -100], weight: 2 },
    { kind: 'tokens', tokens: ['EU', 'rejects', 'it'], labels: ['ORG', '0', null], weight: 2 },
  ],
}

test('a completion may come in parts, each with its weight', () => {
  const row = { prompt: 'mail', completion: [{ text: '{"label": "' }, { text: 'spam', weight: 8 }, { text: '"}' }] }
  expect(readTrainingFile(bytes(lines(row))).rows).toEqual([{ kind: 'completion', ...row }])
})

test.each(Object.entries(kinds))('rows of %s, in one piece or byte by byte', async (kind, [row, expected]) => {
  const text = lines(row, '', row)
  const { rows, summary } = readTrainingFile(bytes(text))
  expect(rows).toEqual([expected, expected])
  expect(summary).toMatchObject({ kind, rows: 2, bytes: bytes(text).length })
  for (const size of [1, 3, 1000]) {
    const streamed: TrainingRow[] = []
    for await (const next of trainingRows(chunked(`${text}\n`, size))) streamed.push(next)
    expect(streamed).toEqual(rows)
  }
})

test('labels are counted in the order of their first row', () => {
  const { summary } = readTrainingFile(bytes(lines({ text: 'a', label: 'spam' }, { text: 'b', label: 'ham' }, { text: 'c', label: 'spam' })))
  expect(summary).toMatchObject({ labels: ['spam', 'ham'], labelCounts: { spam: 2, ham: 1 } })
  expect(checkLabels(summary)).toEqual(['ham', 'spam'])
  expect(checkLabels(summary, ['spam', 'ham'])).toEqual(['spam', 'ham'])
  expect(() => checkLabels(summary, ['spam', 'ham', 'unsure'])).toThrow(
    expect.objectContaining({ code: 'label_without_rows', message: expect.stringContaining('"unsure"') }),
  )
  expect(() => checkLabels(summary, ['spam', 'eggs'])).toThrow(expect.objectContaining({ code: 'label_without_rows' }))
  expect(() => checkLabels(summary, ['spam'])).toThrow(expect.objectContaining({ code: 'label_unknown' }))
  expect(() => checkLabels(readTrainingFile(bytes('{"text":"a","label":"x"}')).summary)).toThrow(expect.objectContaining({ code: 'labels_too_few' }))
  expect(() => checkLabels(readTrainingFile(bytes('{"text":"a"}')).summary)).toThrow(expect.objectContaining({ code: 'training_file_keys' }))
})

test('labels of tokens are counted by token, and those that say nothing are not', () => {
  const { summary } = readTrainingFile(bytes(lines({ tokens: ['a', 'b', 'c'], labels: ['O', 'LOC', null] }, { tokens: ['d', 'e'], labels: ['O', -100] })))
  expect(summary).toMatchObject({ labels: ['O', 'LOC'], labelCounts: { O: 2, LOC: 1 } })
  expect(checkLabels(summary)).toEqual(['LOC', 'O'])
})

describe('refused with the line', () => {
  const good = { text: 'a' }
  test.each<[string, string, string, number | undefined]>([
    ['an empty file', '', 'training_file_empty', undefined],
    ['blank lines', '\n \n', 'training_file_empty', undefined],
    ['a line cut short', lines(good, '{"text": "b'), 'training_file_malformed', 2],
    ['an array', lines(good, good, '[1]'), 'training_file_malformed', 3],
    ['a bare string', '"text"', 'training_file_malformed', 1],
    ['null', 'null', 'training_file_malformed', 1],
    ['wrong keys', lines(good, { input: 'a', output: 'b' }), 'training_file_keys', 2],
    ['no keys', '{}', 'training_file_keys', 1],
    ['a key too many', lines({ text: 'a', extra: 1 }), 'training_file_keys', 1],
    ['half a pair', lines({ prompt: 'a' }), 'training_file_keys', 1],
    ['a number for a text', lines({ text: 7 }), 'training_file_keys', 1],
    ['a negative weight', lines({ text: 'a', weight: -1 }), 'training_file_keys', 1],
    ['an unknown role', lines({ messages: [{ role: 'wizard', content: 'a' }] }), 'training_file_keys', 1],
    ['no answer to learn', lines({ messages: [{ role: 'user', content: 'a' }] }), 'training_file_keys', 1],
    ['no messages', lines({ messages: [] }), 'training_file_keys', 1],
    ['mixed kinds', lines(good, '', { text: 'a', label: 'x' }), 'training_file_mixed', 3],
    ['an empty text', lines(good, { text: '  ' }), 'training_file_empty_text', 2],
    ['an empty completion', lines({ prompt: 'a', completion: '' }), 'training_file_empty_text', 1],
    ['a completion of empty parts', lines({ prompt: 'a', completion: [{ text: '' }] }), 'training_file_empty_text', 1],
    ['a part without text', lines({ prompt: 'a', completion: [{ weight: 2 }] }), 'training_file_keys', 1],
    ['an empty label', lines({ text: 'a', label: '' }), 'training_file_empty_text', 1],
    ['labels for another number of tokens', lines({ tokens: ['a', 'b'], labels: ['O'] }), 'training_file_keys', 1],
    ['tokens without labels', lines({ tokens: ['a', 'b'] }), 'training_file_keys', 1],
    ['no tokens', lines({ tokens: [], labels: [] }), 'training_file_keys', 1],
    ['an empty token', lines({ tokens: ['a', ''], labels: ['O', 'O'] }), 'training_file_empty_text', 1],
    ['tokens without anything to learn', lines({ tokens: ['a'], labels: [-100] }), 'training_file_empty_text', 1],
    ['an empty answer', lines({ messages: [{ role: 'assistant', content: '' }] }), 'training_file_empty_text', 1],
  ])('%s', async (_, text, code, line) => {
    const error = expect.objectContaining({ code, status: 400, param: 'training_file', details: line === undefined ? undefined : { line } })
    expect(() => readTrainingFile(bytes(text))).toThrow(error)
    await expect(checkTrainingFile(chunked(text, 2))).rejects.toEqual(error)
  })

  test('bytes that are not UTF-8', () => {
    expect(() => readTrainingFile(Uint8Array.of(...bytes('{"text":"a"}\n'), 0xff, 0xfe))).toThrow(
      expect.objectContaining({ code: 'training_file_encoding', details: { line: 2 } }),
    )
  })

  test('what is enormous: bytes, one line, rows, labels', async () => {
    const row = '{"text":"a"}\n'
    expect(() => readTrainingFile(bytes(row.repeat(10)), { bytes: 100 })).toThrow(expect.objectContaining({ code: 'training_file_too_large' }))
    expect(() => readTrainingFile(bytes(row.repeat(10)), { rows: 9 })).toThrow(
      expect.objectContaining({ code: 'training_file_too_many_rows', details: { line: 10 } }),
    )
    const labels = Array.from({ length: 5 }, (_, i) => ({ text: 'a', label: `l${i}` }))
    expect(() => readTrainingFile(bytes(lines(...labels)), { labels: 4 })).toThrow(expect.objectContaining({ code: 'training_file_too_many_labels' }))
    // Refused while it arrives, not after the line has ended.
    let sent = 0
    const endless = (async function* () {
      for (;;) {
        sent++
        yield bytes(row.trimEnd())
      }
    })()
    await expect(checkTrainingFile(endless, { lineBytes: 1000 })).rejects.toMatchObject({ code: 'training_file_line_too_long', details: { line: 1 } })
    expect(sent).toBeLessThan(100)
  })
})

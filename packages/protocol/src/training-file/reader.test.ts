import { describe, expect, test } from 'vitest'
import { kindOfRows } from './kind-of-rows.ts'
import { checkKnownLabels, checkLabels } from './labels.ts'
import { checkTrainingFile, readTrainingRows, TrainingFileReader } from './reader.ts'
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

test('a completion may come in parts, each with its weight', async () => {
  const row = { prompt: 'mail', completion: [{ text: '{"label": "' }, { text: 'spam', weight: 8 }, { text: '"}' }] }
  expect((await readTrainingRows(lines(row))).rows).toEqual([{ line: 1, row: { kind: 'completion', ...row } }])
})

test.each(Object.entries(kinds))('rows of %s, in one piece or byte by byte', async (kind, [row, expected]) => {
  const text = lines(row, '', row)
  const { rows, summary } = await readTrainingRows(bytes(text))
  expect(rows).toEqual([
    { line: 1, row: expected },
    { line: 3, row: expected },
  ])
  expect(summary).toMatchObject({ kind, rows: 2, bytes: bytes(text).length })
  for (const size of [1, 3, 1000]) {
    const reader = new TrainingFileReader()
    const streamed: unknown[] = []
    for await (const chunk of chunked(`${text}\n`, size)) streamed.push(...reader.push(chunk))
    expect([...streamed, ...reader.end().rows]).toEqual(rows)
  }
})

test('labels are met in the order of their first row', async () => {
  const { summary } = await readTrainingRows(lines({ text: 'a', label: 'spam' }, { text: 'b', label: 'ham' }, { text: 'c', label: 'spam' }))
  expect(summary).toMatchObject({
    labels: ['spam', 'ham'],
    labelLines: new Map([
      ['spam', 1],
      ['ham', 2],
    ]),
  })
  expect(checkLabels(summary)).toEqual(['ham', 'spam'])
  expect(checkLabels(summary, ['spam', 'ham'])).toEqual(['spam', 'ham'])
  expect(() => checkLabels(summary, ['spam', 'ham', 'unsure'])).toThrow(
    expect.objectContaining({ code: 'label_without_rows', message: expect.stringContaining('"unsure"') }),
  )
  expect(() => checkLabels(summary, ['spam', 'eggs'])).toThrow(expect.objectContaining({ code: 'label_without_rows' }))
  expect(() => checkLabels(summary, ['spam'])).toThrow(expect.objectContaining({ code: 'label_unknown', details: { line: 2 } }))
  expect(() => checkLabels({ labels: ['x'] })).toThrow(expect.objectContaining({ code: 'labels_too_few' }))
  expect(() => checkLabels({ labels: [] })).toThrow(expect.objectContaining({ code: 'training_file_keys' }))
})

test('a validation file may have no other labels', async () => {
  const { summary } = await readTrainingRows(lines({ text: 'a', label: 'spam' }, { text: 'b', label: 'egg' }), { file: 'validation' })
  expect(() => checkKnownLabels(summary, ['ham', 'spam'])).toThrow(
    expect.objectContaining({
      code: 'label_unknown',
      param: 'validation_file',
      message: expect.stringMatching(/validation file, line 2: .*"egg".*"ham", "spam"/),
    }),
  )
})

test('a label may be called anything', async () => {
  const odd = ['__proto__', 'constructor', 'toString']
  const { summary } = await readTrainingRows(lines(...odd.map((label) => ({ text: 'a', label }))))
  expect(summary.labels).toEqual(odd)
  expect(checkLabels(summary)).toEqual([...odd].sort())
  expect(() => checkLabels(summary, ['valueOf', '__proto__'])).toThrow(expect.objectContaining({ code: 'label_without_rows' }))
})

test('labels of tokens are met, and those that say nothing are not', async () => {
  const { summary } = await readTrainingRows(lines({ tokens: ['a', 'b', 'c'], labels: ['O', 'LOC', null] }, { tokens: ['d', 'e'], labels: ['O', -100] }))
  expect(summary.labels).toEqual(['O', 'LOC'])
  expect(checkLabels(summary)).toEqual(['LOC', 'O'])
})

test('contents in parts are joined as requests join them; null is empty; a weight stays', async () => {
  const messages = [
    {
      role: 'user',
      name: 'Ann',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    },
    { role: 'assistant', content: null, refusal: null, tool_calls: [] },
    { role: 'assistant', content: [{ type: 'text', text: 'c' }], weight: 0.5 },
  ]
  const { rows } = await readTrainingRows(lines({ messages }))
  expect(rows[0].row).toEqual({
    kind: 'messages',
    messages: [
      { role: 'user', name: 'Ann', content: 'ab' },
      { role: 'assistant', content: '' },
      { role: 'assistant', content: 'c', weight: 0.5 },
    ],
  })
})

test('blank lines and tiny rows take time that grows with their number, and let others run', async () => {
  let ticks = 0
  const count = setInterval(() => ticks++, 1)
  const started = process.cpuUsage()
  const blank = `${'\n'.repeat(10e6)}{"text":"a"}`
  expect((await readTrainingRows(blank)).rows[0].line).toBe(10e6 + 1)
  const spaced = `${' \n'.repeat(1e6)}{"text":"a"}`
  expect((await readTrainingRows(spaced)).rows[0].line).toBe(1e6 + 1)
  const { summary } = await readTrainingRows('{"text":"a"}\n'.repeat(100_000))
  clearInterval(count)
  expect(summary.rows).toBe(100_000)
  expect(ticks).toBeGreaterThan(20)
  // Of this process' own time: others may have the core meanwhile.
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(5000)
})

test('keys of several kinds of rows in one are told as such', async () => {
  const message = 'its keys are "text", "prompt", which stand in no one row together; a row is {"text"}, {"prompt", "completion"}'
  await expect(readTrainingRows(lines({ text: 'a', prompt: 'b' }))).rejects.toThrow(message)
  await expect(readTrainingRows(lines({ tokens: ['a'], text: 'b', labels: ['O'] }))).rejects.toThrow('"tokens", "text", "labels", which stand in no one row')
  await expect(readTrainingRows(lines({ text: 'a', extra: 'b' }))).rejects.toThrow('unknown field "extra"; there are "text", "weight", "task_id"')
  await expect(readTrainingRows(lines({ text: 'a', lable: 'b' }))).rejects.toThrow('lable: unknown field "lable"; did you mean "label"?')
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
    ['a key twice', lines(good, '{"text": "a", "text": "b"}'), 'training_file_malformed', 2],
    ['half of an emoji', lines(good, String.raw`{"text": "so \ud83d"}`), 'training_file_malformed', 2],
    ['wrong keys', lines(good, { input: 'a', output: 'b' }), 'training_file_keys', 2],
    ['no keys', '{}', 'training_file_keys', 1],
    ['a key too many', lines({ text: 'a', extra: 1 }), 'training_file_keys', 1],
    ['half a pair', lines({ prompt: 'a' }), 'training_file_keys', 1],
    ['a number for a text', lines({ text: 7 }), 'training_file_keys', 1],
    ['a negative weight', lines({ text: 'a', weight: -1 }), 'training_file_keys', 1],
    ['an unknown role', lines({ messages: [{ role: 'wizard', content: 'a' }] }), 'training_file_keys', 1],
    ['no answer to learn', lines({ messages: [{ role: 'user', content: 'a' }] }), 'training_file_keys', 1],
    ['a pair without a side', lines({ positive: 'a' }), 'training_file_keys', 1],
    ['a pair with an empty side', lines({ prompt: 'p', positive: 'a', negative: ' ' }), 'training_file_empty_text', 1],
    ['a pair with a completion', lines({ positive: 'a', negative: 'b', completion: 'c' }), 'training_file_keys', 1],
    ['no messages', lines({ messages: [] }), 'training_file_keys', 1],
    ['mixed kinds', lines(good, '', { text: 'a', label: 'x' }), 'training_file_mixed', 3],
    ['an empty text', lines(good, { text: '  ' }), 'training_file_empty_text', 2],
    ['an empty completion', lines({ prompt: 'a', completion: '' }), 'training_file_empty_text', 1],
    ['a completion of empty parts', lines({ prompt: 'a', completion: [{ text: '' }] }), 'training_file_empty_text', 1],
    ['a completion of parts that all weigh 0', lines(good, { prompt: 'a', completion: [{ text: 'b', weight: 0 }, { text: '' }] }), 'training_file_keys', 2],
    ['a part without text', lines({ prompt: 'a', completion: [{ weight: 2 }] }), 'training_file_keys', 1],
    ['an empty label', lines({ text: 'a', label: '' }), 'training_file_empty_text', 1],
    ['labels for another number of tokens', lines({ tokens: ['a', 'b'], labels: ['O'] }), 'training_file_keys', 1],
    ['tokens without labels', lines({ tokens: ['a', 'b'] }), 'training_file_keys', 1],
    ['no tokens', lines({ tokens: [], labels: [] }), 'training_file_keys', 1],
    ['an empty token', lines({ tokens: ['a', ''], labels: ['O', 'O'] }), 'training_file_empty_text', 1],
    ['tokens without anything to learn', lines({ tokens: ['a'], labels: [-100] }), 'training_file_empty_text', 1],
    [
      'an image',
      lines({
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: {} }] },
          { role: 'assistant', content: 'a' },
        ],
      }),
      'training_file_keys',
      1,
    ],
    ['a call of nothing', lines({ messages: [{ role: 'assistant', content: 'a', tool_calls: [{ id: 'x' }] }] }), 'training_file_keys', 1],
    ['a key of a message too many', lines({ messages: [{ role: 'assistant', content: 'a', wieght: 0 }] }), 'training_file_keys', 1],
    [
      "a weight of the user's",
      lines({
        messages: [
          { role: 'user', content: 'a', weight: 1 },
          { role: 'assistant', content: 'a' },
        ],
      }),
      'training_file_keys',
      1,
    ],
    ['nothing but weights of 0', lines({ messages: [{ role: 'assistant', content: 'a', weight: 0 }] }), 'training_file_keys', 1],
    ['an answer of null', lines({ messages: [{ role: 'assistant', content: null }] }), 'training_file_empty_text', 1],
    ['an endless label', lines({ text: 'a', label: 'x'.repeat(300) }), 'training_file_keys', 1],
    ['an empty answer', lines({ messages: [{ role: 'assistant', content: '' }] }), 'training_file_empty_text', 1],
  ])('%s', async (_, text, code, line) => {
    const error = expect.objectContaining({ code, status: 400, param: 'training_file', details: line === undefined ? undefined : { line } })
    await expect(readTrainingRows(text)).rejects.toThrow(error)
    await expect(checkTrainingFile(chunked(text, 2))).rejects.toEqual(error)
  })

  test.each([[[null, null]], [[-100, null]]])('labels that are all left out, %j: nothing about them is empty', async (labels) => {
    await expect(readTrainingRows(lines({ tokens: ['a', 'b'], labels }))).rejects.toThrow('each of "labels" is null or -100; there is nothing to learn from it')
  })

  test('no rows, with every form that a row may have', async () => {
    const message = await readTrainingRows('').then(
      () => '',
      (error: Error) => error.message,
    )
    for (const form of ['{"text"}', '{"messages"}', '{"positive", "negative"}', '{"document"}']) expect(message).toContain(form)
  })

  test('bytes that are not UTF-8', async () => {
    await expect(readTrainingRows(Uint8Array.of(...bytes('{"text":"a"}\n'), 0xff, 0xfe))).rejects.toThrow(
      expect.objectContaining({ code: 'training_file_encoding', details: { line: 2 } }),
    )
  })

  test('what is enormous: bytes, one line, rows, labels', async () => {
    const row = '{"text":"a"}\n'
    await expect(readTrainingRows(row.repeat(10), { limits: { bytes: 100 } })).rejects.toThrow(expect.objectContaining({ code: 'training_file_too_large' }))
    await expect(readTrainingRows(row.repeat(10), { limits: { rows: 9 } })).rejects.toThrow(
      expect.objectContaining({ code: 'training_file_too_many_rows', details: { line: 10 } }),
    )
    const labels = Array.from({ length: 5 }, (_, i) => ({ text: 'a', label: `l${i}` }))
    await expect(readTrainingRows(lines(...labels), { limits: { labels: 4 } })).rejects.toThrow(
      expect.objectContaining({ code: 'training_file_too_many_labels' }),
    )
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

test('the kind of a file is known of what its rows can be read from, text or bytes: behind a byte order mark, blank lines and Windows line ends', async () => {
  const file = '\ufeff\r\n{"positive": "a", "negative": "b"}\r\n'
  for (const content of [file, bytes(file)]) {
    expect(kindOfRows(content)).toBe('pair')
    expect((await readTrainingRows(content)).summary.kind).toBe('pair')
  }
  expect(kindOfRows('\ufeff{"text": "a"}')).toBe('text')
  expect(() => kindOfRows(new Uint8Array([0xff, 0xfe, 0x7b, 0]))).toThrow(expect.objectContaining({ code: 'training_file_encoding' }))
})

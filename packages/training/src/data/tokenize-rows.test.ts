import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadedModel } from '@weft/model'
import { createChat } from '@weft/model/tokenizer/chat'
import { assistantSpans } from '@weft/model/tokenizer/spans/assistant-spans'
import { type NumberedRow, readRow, splitHeldOut, templateMessages } from '@weft/protocol'
import { expect, test } from 'vitest'
import { rowTokenizer } from './row-tokenizer.ts'
import type { RowTokenizer } from './token-row.ts'
import { tokenizeRows, tokenizeRowsInSlices } from './tokenize-rows.ts'

type Render = (messages: readonly { role: string; content?: unknown; name?: unknown }[], options: { addGenerationPrompt: boolean }) => string

/** A chat template that is a function. */
const chatOf =
  (render: Render): NonNullable<RowTokenizer['renderChat']> =>
  (given) => {
    const messages = templateMessages(given)
    const text = render(messages, { addGenerationPrompt: false })
    const whole = { text, generations: null, marked: false }
    return { text, assistantSpans: assistantSpans(messages, whole, (some, addGenerationPrompt) => render(some, { addGenerationPrompt })) }
  }

/** One token a character, 1 before every text that takes special tokens, 2 at the end: a tokenizer whose output a reader can check. */
const tokenizer: RowTokenizer = {
  encode: (text, { addSpecialTokens = true } = {}) => [...(addSpecialTokens ? [1] : []), ...[...text].map((c) => c.codePointAt(0)!)],
  eosTokenId: 2,
  renderChat: chatOf((messages, { addGenerationPrompt }) => messages.map((m) => `<${m.role[0]}>${m.content};`).join('') + (addGenerationPrompt ? '<a>' : '')),
}
const rowsOf = (jsonl: string): NumberedRow[] => jsonl.split('\n').map((text, i) => ({ line: i + 1, row: readRow(text, i + 1) }))
const tokenize = (jsonl: string, options: Partial<Parameters<typeof tokenizeRows>[1]> = {}) =>
  tokenizeRows(rowsOf(jsonl), { file: 'training', task: 'CAUSAL_LM', tokenizer, maxLength: 100, ...options })
const text = ({ tokens }: { tokens: Uint32Array }) => [...tokens].map((t) => (t < 3 ? '^$'[t - 1] : String.fromCodePoint(t))).join('')
const learned = (row: { tokens: Uint32Array; weights: Float32Array }) => text({ tokens: row.tokens.filter((_, i) => row.weights[i] > 0) })

test('a text is learned whole, a completion with its end alone, a chat in its assistant turns alone', () => {
  const { rows } = tokenize(
    [
      '{"text":"abc"}',
      '{"prompt":"Q","completion":"yes"}',
      '{"messages":[{"role":"user","content":"u"},{"role":"assistant","content":"x"},{"role":"user","content":"v"},{"role":"assistant","content":"y"}]}',
    ].join('\n'),
  )
  expect(rows.map(text)).toEqual(['^abc', '^Qyes$', '<u>u;<a>x;<u>v;<a>y;'])
  expect(rows.map(learned)).toEqual(['^abc', 'yes$', 'x;y;'])
})

test('what is too long is cut: a text at its end, a prompt at its beginning; cuts are counted', () => {
  const { rows, truncatedRows } = tokenize('{"text":"abcdef"}\n{"prompt":"question","completion":"ok"}\n{"text":"ab"}', { maxLength: 5 })
  expect(rows.map(text)).toEqual(['^abcd', 'onok$', '^ab'])
  expect(truncatedRows).toBe(2)
})

test('a row of which all that is learned is cut off is left out, and counted as such and not as one that is cut', () => {
  const weighed = '{"prompt":"Q","completion":[{"text":"because it is so: ","weight":0},{"text":"yes"}]}'
  const { rows, truncatedRows, unlearnedRows, leftOutRows } = tokenize(`${weighed}\n{"text":"abcdefghi"}\n{"text":"ab"}`, {
    maxLength: 8,
    tokenizer: { ...tokenizer, stream: () => ({ push: (id) => String.fromCodePoint(id) }) },
  })
  expect(rows.map(text)).toEqual(['^abcdefg', '^ab'])
  expect({ truncatedRows, unlearnedRows, leftOutRows }).toEqual({ truncatedRows: 1, unlearnedRows: 1, leftOutRows: 0 })
  const words = tokenize('{"tokens":["a","b"],"labels":[null,"spam"]}\n{"tokens":["b"],"labels":["ham"]}', {
    task: 'TOKEN_CLS',
    labels: ['ham', 'spam'],
    maxLength: 3,
  })
  expect(words).toMatchObject({ rows: { length: 1 }, truncatedRows: 0, unlearnedRows: 1 })
})

test('a chat in parts is trained as a chat request renders it, and names reach the template', () => {
  const parts = '[{"type":"text","text":"a"},{"type":"text","text":"b"}]'
  const render: Render = (messages, { addGenerationPrompt }) =>
    messages.map(({ role, content, name = '' }) => `<${role[0]}${name}>${content};`).join('') + (addGenerationPrompt ? '<a>' : '')
  const { rows } = tokenize(
    `{"messages":[{"role":"user","name":"Ann","content":${parts}},{"role":"system","content":null},{"role":"assistant","content":${parts}}]}`,
    {
      tokenizer: { ...tokenizer, renderChat: chatOf(render) },
    },
  )
  expect(rows.map(text)).toEqual(['<uAnn>ab;<s>;<a>ab;'])
  expect(rows.map(learned)).toEqual(['ab;'])
})

test("an assistant's message of weight 0 is read and not learned", () => {
  const turn = (content: string, weight?: number) => `{"role":"assistant","content":"${content}"${weight === undefined ? '' : `,"weight":${weight}`}}`
  const chat = (...turns: string[]) => `{"messages":[{"role":"user","content":"u"},${turns.join(',{"role":"user","content":"v"},')}],"weight":2}`
  const { rows } = tokenize([chat(turn('x', 0), turn('y', 1)), chat(turn('x'), turn('y', 0))].join('\n'))
  expect(rows.map(text)).toEqual(['<u>u;<a>x;<v>v;<a>y;'.replace('<v>', '<u>'), '<u>u;<a>x;<u>v;<a>y;'])
  expect(rows.map(learned)).toEqual(['y;', 'x;'])
  expect(Math.max(...rows[0].weights)).toBe(2)
})

test('a call is learned as the template writes it, behind a prompt that shows the functions, and weighs what its message weighs', () => {
  const template =
    '{{ tools | tojson if tools else "" }}{% for m in messages %}<{{ m.role[0] }}>{{ m.content }}{{ m.tool_calls | tojson if m.tool_calls else "" }};{% endfor %}{{ "<a>" if add_generation_prompt else "" }}'
  const { renderChat } = rowTokenizer({ tokenizer: { ...tokenizer, eosTokenIds: [2] }, chat: createChat(template), name: 'base' } as unknown as LoadedModel)
  const call = (n: number) => ({ function: { name: 'at', arguments: { n } } })
  const messages = [
    { role: 'user', content: 'u' },
    { role: 'assistant', content: null, tool_calls: [call(1)], weight: 0 },
    { role: 'tool', content: 't' },
    { role: 'assistant', content: 'w', tool_calls: [call(2)] },
  ]
  const tools = [{ type: 'function', function: { name: 'at', description: 'A place' } }]
  const { rows } = tokenize([JSON.stringify({ messages, tools }), JSON.stringify({ messages })].join('\n'), {
    tokenizer: { ...tokenizer, renderChat },
    maxLength: 1000,
  })
  const written = (n: number): string => `[{"id": "call0000${n - 1}", "type": "function", "function": {"name": "at", "arguments": {"n": ${n}}}}]`
  expect(rows.map(text)).toEqual([expect.stringContaining('"description": "A place"'), `<u>u;<a>${written(1)};<t>t;<a>w${written(2)};`])
  expect(rows.map(learned)).toEqual(Array(2).fill(`w${written(2)};`))
})

test('a turn that is asked otherwise than its chat shows it is a sequence of its own, and weighs what it weighs', () => {
  const template = readFileSync(join(import.meta.dirname, '../../../../test/golden/chat/templates/mistral.jinja'), 'utf8')
  const chat = createChat(template, { bos_token: '', eos_token: ';' })
  const { renderChat } = rowTokenizer({ tokenizer: { ...tokenizer, eosTokenIds: [2] }, chat, name: 'base' } as unknown as LoadedModel)
  const row = (...weights: number[]) =>
    JSON.stringify({
      messages: [
        { role: 'system', content: 'S' },
        ...weights.flatMap((weight, i) => [
          { role: 'user', content: `${i}` },
          { role: 'assistant', content: 'xyz'[i], weight },
        ]),
      ],
      weight: 2,
    })
  const { rows } = tokenize([row(1, 1, 0.5), row(0, 1), row(1, 0)].join('\n'), { tokenizer: { ...tokenizer, renderChat } })
  expect(rows.map((each) => [text(each), learned(each), Math.max(...each.weights)])).toEqual([
    ['[INST] S\n\n0[/INST] x;[INST] 1[/INST] y;[INST] 2[/INST] z;', ' x;', 2],
    ['[INST] 0[/INST] x;[INST] S\n\n1[/INST] y;', ' y;', 2],
    ['[INST] 0[/INST] x;[INST] 1[/INST] y;[INST] S\n\n2[/INST] z;', ' z;', 1],
    ['[INST] 0[/INST] x;[INST] S\n\n1[/INST] y;', ' y;', 2],
    ['[INST] S\n\n0[/INST] x;[INST] 1[/INST] y;', ' x;', 2],
  ])
  // All of them cut, it is one row of the file that is.
  expect(tokenize(row(1, 1, 1), { tokenizer: { ...tokenizer, renderChat }, maxLength: 50 })).toMatchObject({ truncatedRows: 1, rows: { length: 3 } })
})

test('of a chat that is too long the last learned turn stays, and what nobody learns behind it goes first', () => {
  const chat =
    '{"messages":[{"role":"user","content":"u"},{"role":"assistant","content":"yes"},{"role":"user","content":"v"},{"role":"assistant","content":"unlearned","weight":0}]}'
  const cut = (maxLength: number) => tokenize(chat, { maxLength }).rows.map((row) => [text(row), learned(row)])
  expect(cut(100)).toEqual([['<u>u;<a>yes;<u>v;<a>unlearned;', 'yes;']])
  expect(cut(16)).toEqual([['<u>u;<a>yes;<u>v', 'yes;']])
  expect(cut(8)).toEqual([[';<a>yes;', 'yes;']])
  expect(cut(2)).toEqual([['ye', 'ye']])
})

test('a row weight multiplies the weights of its tokens', () => {
  expect([...tokenize('{"prompt":"Q","completion":"y","weight":2.5}').rows[0].weights]).toEqual([0, 0, 2.5, 2.5])
})

test('labels become classes, in the order given', () => {
  const rows = rowsOf('{"text":"a","label":"spam"}\n{"text":"b","label":"ham"}')
  const { rows: tokenRows } = tokenizeRows(rows, { file: 'training', task: 'SEQ_CLS', tokenizer, maxLength: 9, labels: ['ham', 'spam'] })
  expect(tokenRows.map((r) => r.label)).toEqual([1, 0])
})

test('a row that weighs 0 is left out, whatever its kind, and none of it is counted as cut', () => {
  const classifier = { task: 'SEQ_CLS', labels: ['ham', 'spam'], maxLength: 4 } as const
  const labelled = tokenize('{"text":"abcdefgh","label":"spam","weight":0}\n{"text":"b","label":"ham","weight":0.5}', classifier)
  expect(labelled).toMatchObject({ rows: [{ label: 0, rowWeight: 0.5 }], truncatedRows: 0, leftOutRows: 1 })
  const words = tokenize('{"tokens":["a"],"labels":["spam"],"weight":0}\n{"tokens":["b"],"labels":["ham"]}', { ...classifier, task: 'TOKEN_CLS' })
  expect(words.leftOutRows).toBe(1)
  expect(words.rows.map(({ weights }) => [...weights])).toEqual([[0, 1, 0]])
  expect(tokenize('{"text":"abcdefgh","weight":0}\n{"text":"b"}', { maxLength: 4 })).toMatchObject({
    rows: [{ rowWeight: 1 }],
    truncatedRows: 0,
    unlearnedRows: 0,
    leftOutRows: 1,
  })
  // 0 in float32, by which graphs multiply.
  expect(tokenize('{"text":"a","label":"spam","weight":1e-50}\n{"text":"b","label":"ham"}', classifier).rows).toHaveLength(1)
  expect(tokenize('{"text":"a","weight":1e-50}\n{"text":"b"}').rows).toHaveLength(1)
})

test('rows that weigh 0 are not held out: they measure nothing', () => {
  const weighing = (weight: number, count: number) => Array.from({ length: count }, (_, i) => `{"text":"${i}","label":"a","weight":${weight}}`)
  const rows = rowsOf([...weighing(0, 60), ...weighing(2, 20)].join('\n'))
  for (const seed of [1, 2, 3]) {
    const { training, validation } = splitHeldOut(rows, seed)
    expect(validation.map(({ row }) => row.weight)).toEqual([2, 2])
    expect(training).toHaveLength(78)
  }
  expect(splitHeldOut(rows.slice(0, 60), 7).validation).toEqual([])
})

test('the held-out split is the seed’s, and leaves small files alone', () => {
  const rows = rowsOf(Array.from({ length: 40 }, (_, i) => `{"text":"${i}"}`).join('\n'))
  const { training, validation } = splitHeldOut(rows, 7)
  expect([training.length, validation.length]).toEqual([36, 4])
  expect(splitHeldOut(rows, 7).validation).toEqual(validation)
  expect(splitHeldOut(rows, 8).validation).not.toEqual(validation)
  expect(splitHeldOut(rows.slice(0, 9), 7).validation).toEqual([])
})

test.each<[string, string, string, RegExp, Partial<Parameters<typeof tokenizeRows>[1]>?]>([
  ['a label in language modelling', '{"text":"a","label":"b"}', 'wrong_row_kind', /Line 1 /],
  ['a text without a label in classification', '{"text":"a"}', 'wrong_row_kind', /SEQ_CLS/, { task: 'SEQ_CLS', labels: ['a', 'b'] }],
  [
    'completions that are cut off',
    '{"prompt":"abcdef","completion":[{"text":"x","weight":0},{"text":"y"}]}',
    'nothing_to_learn',
    /max_length/,
    { maxLength: 1, tokenizer: { ...tokenizer, eosTokenId: undefined, stream: () => ({ push: () => 'x' }) } },
  ],
  ['labels that all weigh 0', '{"text":"a","label":"b","weight":0}', 'nothing_to_learn', /rows weigh more than 0/, { task: 'SEQ_CLS', labels: ['a', 'b'] }],
  [
    'a chat without a template',
    '{"messages":[{"role":"assistant","content":"a"}]}',
    'no_chat_template',
    /no chat template/,
    { tokenizer: { encode: tokenizer.encode } },
  ],
  [
    'a template that looks ahead',
    '{"messages":[{"role":"assistant","content":"a"}]}',
    'template_not_incremental',
    /line 1/,
    { tokenizer: { ...tokenizer, renderChat: chatOf((_, o) => (o.addGenerationPrompt ? 'x' : 'y')) } },
  ],
  [
    'a template that leaves a message out',
    '{"messages":[{"role":"user","content":"Hi"},{"role":"user","content":"b"},{"role":"assistant","content":"a"}]}',
    'message_not_shown',
    /^Line 1: .* leaves out what the user says in "Hi"/,
    {
      tokenizer: rowTokenizer({
        tokenizer: { encode: tokenizer.encode, stream: () => ({}), eosTokenIds: [2] },
        chat: createChat('{% for m in messages[-2:] %}{{ m.content }}{% endfor %}'),
      } as unknown as LoadedModel),
    },
  ],
])('%s', (_, jsonl, code, message, options) => {
  expect(() => tokenize(jsonl, options)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
})

test('tokenizing in slices gives the same rows and lets others run meanwhile', async () => {
  const rows = rowsOf(Array.from({ length: 100 }, (_, i) => `{"text":"row ${i}"}`).join('\n'))
  // A tokenizer that takes its time: the walk over 100 rows has to pause.
  const slow = {
    ...tokenizer,
    encode: (text: string) => {
      const end = performance.now() + 2
      while (performance.now() < end);
      return tokenizer.encode(text)
    },
  }
  const options = { file: 'training', task: 'CAUSAL_LM' as const, tokenizer: slow, maxLength: 100 }
  let ticks = 0
  const count = setInterval(() => ticks++, 0)
  const inSlices = await tokenizeRowsInSlices(rows, options)
  clearInterval(count)
  expect(ticks).toBeGreaterThan(1)
  expect(inSlices).toEqual(tokenizeRows(rows, options))
  await expect(tokenizeRowsInSlices([], options)).rejects.toMatchObject({ code: 'nothing_to_learn' })
})

test('a part of a completion may weigh more, and its tokens are those of the whole', () => {
  const row = rowsOf(JSON.stringify({ prompt: 'ab', completion: [{ text: 'cd' }, { text: 'ef', weight: 8 }, { text: 'g', weight: 0 }], weight: 0.5 }))
  // Pairs of characters are tokens here: c is half of one that begins in the prompt's piece.
  const pairs: RowTokenizer = {
    encode: (text) => [...text.matchAll(/..?/g)].map(([pair]) => pair.charCodeAt(0) * 256 + (pair.charCodeAt(1) || 0)),
    eosTokenId: 1,
    stream: () => ({ push: (id) => String.fromCharCode(id >> 8) + (id & 255 ? String.fromCharCode(id & 255) : '') }),
  }
  const { rows } = tokenizeRows(row, { file: 'training', task: 'CAUSAL_LM', tokenizer: pairs, maxLength: 16 })
  expect([...rows[0].weights]).toEqual([0, 0.5, 4, 0, 0.5])
  const shifted = rowsOf(JSON.stringify({ prompt: 'ab', completion: [{ text: 'c' }, { text: 'de', weight: 8 }, { text: 'f' }] }))
  expect([...tokenizeRows(shifted, { file: 'training', task: 'CAUSAL_LM', tokenizer: pairs, maxLength: 16 }).rows[0].weights]).toEqual([0, 8, 8, 1])
})

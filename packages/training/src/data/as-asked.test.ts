import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTokenizer, type LoadedModel } from '@weft/model'
import { readBehind } from '@weft/model/tokenizer/behind'
import { createChat } from '@weft/model/tokenizer/chat'
import { type NumberedRow, readRow } from '@weft/protocol'
import { describe, expect, test } from 'vitest'
import { rowTokenizer } from './row-tokenizer.ts'
import type { RowTokenizer } from './token-row.ts'
import { tokenizeRows } from './tokenize-rows.ts'

const golden = join(import.meta.dirname, '../../../../test/golden')
const rowsOf = (row: object): NumberedRow[] => [{ line: 1, row: readRow(JSON.stringify(row), 1) }]

describe.each(['bpe/llama-2', 'bpe/mistral-metaspace', 'bpe/gemma', 'byte-level/gpt-2'])('what a request meets and writes is what is learned: %s', (name) => {
  const real = createTokenizer(JSON.parse(readFileSync(join(golden, `tokenizers/${name}.json`), 'utf8')).definition, { eos_token: '</s>' })
  const rowsFor = (template: string | null, row: object) => {
    const chat = createChat(template, { bos_token: '<s>', eos_token: '</s>' })
    return tokenizeRows(rowsOf(row), {
      ...{ file: 'training', task: 'CAUSAL_LM', maxLength: 1000 },
      tokenizer: rowTokenizer({ tokenizer: real, chat, name: 'base' } as unknown as LoadedModel),
    }).rows
  }
  /** As a runner writes an answer, less the end. */
  const served = (before: readonly number[], answer: readonly number[]): string => {
    const stream = real.stream()
    readBehind(stream, before)
    return answer.map((token) => stream.push(token)).join('') + stream.flush()
  }

  test.each([
    ['the:', ' the'],
    ['the:', 'the'],
    ['the: ', 'the'],
    ['the\n', 'the'],
    ['', 'the'],
    ['the', ' the  a'],
    ['the\n', '\n the'],
  ])('a completion: %j, %j', (prompt, completion) => {
    const parts = [
      { text: completion.slice(0, -1), weight: 1 },
      { text: completion.slice(-1), weight: 8 },
    ]
    for (const given of [completion, parts.filter(({ text }) => text !== '')]) {
      const [{ tokens, weights }] = rowsFor(null, { prompt, completion: given })
      const before = real.encode(prompt)
      expect([...tokens.slice(0, before.length)]).toEqual(before)
      const answer = [...tokens.slice(before.length)]
      expect(served(before, answer)).toBe(completion)
      expect(answer.at(-1)).toBe(real.eosTokenIds[0] ?? answer.at(-1))
      if (typeof given !== 'string') expect(weights.indexOf(8)).toBe(tokens.length - (real.eosTokenIds.length > 0 ? 2 : 1))
    }
  })
  test('a chat', () => {
    const llama =
      "{% for m in messages %}{% if m.role == 'user' %}{{ bos_token + '[INST] ' + m.content + ' [/INST]' }}{% else %}{{ ' ' + m.content + ' ' + eos_token }}{% endif %}{% endfor %}"
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'the' },
      { role: 'user', content: 'b' },
      { role: 'assistant', content: '2' },
    ]
    for (const template of [llama, null]) {
      const [{ tokens, weights }] = rowsFor(template, { messages })
      // What is read before the second turn is what a request for it has.
      const asked = real.encode(createChat(template, { bos_token: '<s>', eos_token: '</s>' }).render(messages.slice(0, 3)), { addSpecialTokens: false })
      const last = weights.lastIndexOf(0) + 1
      expect([...tokens.slice(0, last)].map(real.idToToken)).toEqual(asked.map(real.idToToken))
      expect(served(asked, [...tokens.slice(last)]).trimEnd()).toBe(' 2')
    }
  })
})

describe('of a long chat whose turns are asked otherwise than it shows them', () => {
  const folder = join(golden, 'chat/templates')
  /** One token a character. */
  const letters: RowTokenizer = { encode: (given) => Array.from(given, (letter) => letter.charCodeAt(0)) }
  const text = ({ tokens }: { tokens: Uint32Array }) => String.fromCharCode(...tokens)
  const learned = (row: { tokens: Uint32Array; weights: Float32Array }) => text({ tokens: row.tokens.filter((_, i) => row.weights[i] > 0) })
  const thought = '<think>\nhm\n</think>\n\n'
  const messagesOf = (name: string, turns: number) => [
    ...(name === 'mistral' ? [{ role: 'system', content: 'S' }] : []),
    ...Array.from({ length: turns }, (_, i) => [
      { role: 'user', content: `${i}` },
      ...(name === 'qwen3'
        ? [
            { role: 'assistant', content: `${thought}f()` },
            { role: 'tool', content: 'r' },
          ]
        : []),
      { role: 'assistant', content: `${name === 'deepseek' ? thought : ''}say ${i}` },
    ]).flat(),
  ]
  test.each(['mistral', 'qwen3', 'deepseek'])('those are learned that are within its length, as they are asked, in time that grows with it: %s', (name) => {
    const chat = createChat(readFileSync(join(folder, `${name}.jinja`), 'utf8'), { bos_token: '', eos_token: ';' })
    let rendered = 0
    const counting: typeof chat = {
      ...chat,
      render: (messages, given) => ((rendered += messages.length), chat.render(messages, given)),
      renderWithSpans: (messages, given) => ((rendered += messages.length), chat.renderWithSpans(messages, given)),
    }
    const { renderChat } = rowTokenizer({ tokenizer: { ...letters, eosTokenIds: [] }, chat: counting, name: 'base' } as unknown as LoadedModel)
    const read = (turns: number) => {
      rendered = 0
      const messages = messagesOf(name, turns)
      return {
        messages,
        ...tokenizeRows(rowsOf({ messages }), { file: 'training', task: 'CAUSAL_LM', tokenizer: { ...letters, renderChat }, maxLength: 400 }),
        rendered,
      }
    }
    const [short, long] = [read(60), read(360)]
    for (const { messages, rows, truncatedRows } of [short, long]) {
      expect(rows.length).toBeGreaterThan(1)
      expect(truncatedRows).toBe(1)
      expect(rows.every(({ said }) => said !== undefined)).toBe(true)
      const asked = rows.filter((row) => learned(row).split(/say|f\(/).length === 2).map((row) => [text(row), learned(row)])
      expect(asked.length).toBeGreaterThan(0)
      for (const [whole, answer] of asked) {
        const place = messages.findIndex(({ content }) => content.endsWith(/say \d+/.exec(answer)![0]))
        const prompt = chat.render(messages.slice(0, place))
        expect(whole).toBe(`${prompt}${answer}`.slice(-400))
      }
    }
    expect(long.rows.length).toBeLessThan(60)
    expect(long.rendered).toBeLessThan(short.rendered + 50 * 600)
  })
})

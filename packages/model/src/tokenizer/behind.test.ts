import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { encodeBehind, readBehind } from './behind.ts'
import { createTokenizer } from './tokenizer.ts'

const golden = join(import.meta.dirname, '../../../../test/golden/tokenizers')
const tokenizerOf = (name: string) => createTokenizer(JSON.parse(readFileSync(join(golden, name), 'utf8')).definition, {})

const PROMPTS = ['the:', 'the: ', 'the\n', 'the', 'a\n\n', 'q ', '1', '[/INST]']
const ANSWERS = ['2', ' 2', 'the', ' the', '  the', '\nthe', '.', ' a b', 'x y', '12', 'é🙂', ' \n a']

/** Those whose tokens write what was given: no accents put together, no blanks or cases dropped. */
const exact = [
  ...globSync('byte-level/{gpt-2,deepseek,llama-3,qwen,gpt-2-prefix-space}.json', { cwd: golden }),
  ...['gemma', 'llama-2', 'mistral-metaspace', 'character-level'].map((name) => `bpe/${name}.json`),
].sort()

describe.each(exact)('%s', (name) => {
  const tokenizer = tokenizerOf(name)
  const encode = (text: string) => tokenizer.encode(text, { addSpecialTokens: false })

  test.each(PROMPTS)('behind %j the tokens of an answer write it, to the last blank', (prompt) => {
    for (const answer of ANSWERS) {
      const stream = tokenizer.stream({ skipSpecialTokens: false })
      readBehind(stream, tokenizer.encode(prompt))
      const tokens = encodeBehind(tokenizer, prompt, answer)
      const written = [...tokens.map((token) => stream.push(token)), stream.flush()].join('')
      expect({ answer, tokens: tokens.map(tokenizer.idToToken), written }).toEqual({ answer, tokens: expect.anything(), written: answer })
    }
  })
  test('they are those of the whole text, where the prompt’s are its beginning', () => {
    let wholes = 0
    for (const prompt of [...PROMPTS, 'the </s>'])
      for (const answer of ANSWERS) {
        const [before, whole] = [encode(prompt), encode(prompt + answer)]
        if (!before.every((token, i) => whole[i] === token)) continue
        expect({ prompt, answer, tokens: encodeBehind(tokenizer, prompt, answer) }).toEqual({ prompt, answer, tokens: whole.slice(before.length) })
        wholes++
      }
    expect(wholes).toBeGreaterThan(30)
  })
})

test.each(['bpe/bpe-fused-unknown', 'unigram/xlm-r-precompiled', 'words/bert-cased', 'words/word-level'])(
  'a text is not nothing where a tokenizer joins it to what it does not know before it: %s',
  (name) => {
    const tokenizer = tokenizerOf(`${name}.json`)
    for (const [prompt, answer] of [
      ['the 本', '日'],
      ['the 🙂👩', '🙂'],
      ['日', 'the'],
    ])
      expect({ prompt, answer, tokens: encodeBehind(tokenizer, prompt, answer) }).not.toMatchObject({ tokens: [] })
  },
)

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createTokenizer } from './tokenizer.ts'

/** What Hugging Face's tokenizers library makes of odd strings (test/golden/tokenizer_grid.py). */
const golden = join(import.meta.dirname, '../../../../test/golden/tokenizers')
const read = (file: string): any => JSON.parse(readFileSync(join(golden, file), 'utf8'))
const strings: string[] = read('strings.json')
const names = globSync('*/*.json', { cwd: golden }).sort()

describe.each(names)('%s', (file) => {
  const { definition, encoded, around, sequences, decoded } = read(file)
  const tokenizer = createTokenizer(definition, {})
  const byteFallback = JSON.stringify(definition.decoder).includes('ByteFallback')
  const wholes: number[][] = strings.map((_, i) => around[i] ?? encoded[i])

  test('texts become the same tokens, with and without special ones around them', () => {
    for (const [i, text] of strings.entries()) {
      expect({ text, ids: tokenizer.encode(text, { addSpecialTokens: false }) }).toEqual({ text, ids: encoded[i] })
      expect({ text, ids: tokenizer.encode(text) }).toEqual({ text, ids: wholes[i] })
    }
  })
  test('tokens become the same texts, also token by token', () => {
    for (const [i, ids] of [...wholes, ...(sequences as number[][])].entries()) {
      for (const skipSpecialTokens of [true, false]) {
        const text = decoded[i][skipSpecialTokens ? 0 : 1]
        expect({ ids, skipSpecialTokens, text: tokenizer.decode(ids, { skipSpecialTokens }) }).toEqual({ ids, skipSpecialTokens, text })
        const stream = tokenizer.stream({ skipSpecialTokens })
        const parts = [...ids.map((id) => stream.push(id)), stream.flush()]
        // Of a run of bytes that is no text, a stream has written what was text before it was spoilt; the test below shows one.
        if (!(byteFallback && text.includes('\ufffd'))) expect({ ids, skipSpecialTokens, text: parts.join('') }).toEqual({ ids, skipSpecialTokens, text })
      }
    }
  })
})

test('the grid is there', () => {
  expect(names.length).toBeGreaterThan(30)
})

test('half a character counts as none that is known', () => {
  const tokenizer = createTokenizer(read('byte-level/gpt-2.json').definition, {})
  expect(tokenizer.encode('a\ud83d!')).toEqual(tokenizer.encode('a\ufffd!'))
})

test('a stream does not take back what it wrote of a run of bytes that is no text in the end', () => {
  const tokenizer = createTokenizer(read('bpe/llama-2.json').definition, {})
  const ids = ['<0xE4>', '<0xBD>', '<0xA0>', '<0xFF>', '<0xFE>', '▁'].map((token) => tokenizer.tokenToId(token)!)
  expect(tokenizer.decode(ids)).toBe('\ufffd\ufffd\ufffd\ufffd\ufffd ')
  const stream = tokenizer.stream()
  expect(ids.map((id) => stream.push(id))).toEqual(['', '', '你', '', '', '\ufffd\ufffd '])
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTokenizer, type LoadedModel } from '@weft/model'
import { expect, test } from 'vitest'
import { scoredText, textTokens } from './scored-text.ts'

test.each(['bpe/llama-2', 'bpe/mistral-metaspace', 'bpe/gemma', 'byte-level/gpt-2'])(
  'a text behind a prompt is the end of both together, and is told so: %s',
  (name) => {
    const golden = join(import.meta.dirname, '../../../../test/golden/tokenizers')
    const tokenizer = createTokenizer(JSON.parse(readFileSync(join(golden, `${name}.json`), 'utf8')).definition, { eos_token: '</s>' })
    const model = { tokenizer, spec: { vocabSize: tokenizer.vocabSize }, name: 'base' } as unknown as LoadedModel
    for (const text of [' the', 'the', ' 2  a', '\nthe']) {
      const prompt = 'the:'
      const { before, own } = textTokens(model, { texts: [text], prompt })(text)
      expect([...before, ...own]).toEqual(tokenizer.encode(prompt + text))
      const read = own.map(() => ({ logprob: -1, top: [{ token: own[0]!, logprob: -1 }] }))
      const { logprobs } = scoredText(tokenizer, own, read, { prompt, logprobs: 1 })
      expect(new TextDecoder().decode(Uint8Array.from(logprobs!.flatMap(({ bytes }) => bytes!)))).toBe(text)
      expect(logprobs![0]!.topLogprobs[0]!.bytes).toEqual(logprobs![0]!.bytes)
    }
  },
)

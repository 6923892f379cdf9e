import type { LoadedModel } from '@weft/model'
import { tinyHost } from '@weft/test/models/tiny-host'
import { expect, test } from 'vitest'
import { partnerPool } from './partners.ts'

const host = tinyHost()

test('a chat that stands beside an adapter is without the special token that begins a prompt', () => {
  const { model } = host()
  const first = model.tokenizer!.eosTokenIds[0]!
  const begins: LoadedModel['tokenizer'] = {
    ...model.tokenizer!,
    encode: (text, { addSpecialTokens = true } = {}) => [...(addSpecialTokens ? [first] : []), ...model.tokenizer!.encode(text)],
  }
  const partners = { adapters: [], texts: true, randomRows: false, probability: 1 }
  const poolOf = (text: string, tokenizer: LoadedModel['tokenizer'] = begins) =>
    partnerPool(partners, { model: { ...model, tokenizer }, registry: new Map(), reference: [text], seed: 5 })
  const text = 'the weft is drawn behind the warp'
  expect(poolOf(`<eos>${text}`)).toEqual(poolOf(text))
  expect(poolOf(`<eos>${text}`, model.tokenizer)).not.toEqual(poolOf(text))
})

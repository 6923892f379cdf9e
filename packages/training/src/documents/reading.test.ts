import { AttentionInputs } from '@weft/model'
import { tinyHost } from '@weft/test/models/tiny-host'
import { expect, test } from 'vitest'
import { compressParts } from './compress.ts'
import { HeadProducts } from './head-products.ts'
import { Reading } from './reading.ts'

const host = tinyHost()
const idsOf = (text: string) => [...host().model.tokenizer!.encode(text, { addSpecialTokens: false })]
const reading = () => {
  const { model, runtime, weights } = host()
  return new Reading({ model, runtime, weights, attention: new AttentionInputs(model) })
}

test('the queries of some tokens are those of all, and only they are kept', async () => {
  const { numLayers: L, numHeads: N, headDim: d } = host().model.spec
  const texts = ['the weft is drawn in', 'a thread in the air', 'a boat'].map(idsOf)
  const prefix = await reading().keyValues(idsOf('the grey warp stands still'), 0)
  const all = texts.flatMap((tokens, text) => tokens.map((_, token): [number, number] => [text, token]))
  const some = all.filter((_, i) => i % 3 === 1)
  const read: number[] = []
  const placed = { prefix, start: prefix.shape[3], length: 32 }
  const every = await reading().queries(texts, { ...placed, asked: all, onText: (done) => read.push(done) })
  const wanted = await reading().queries(texts, { ...placed, asked: some, onText: () => {} })
  expect(read).toEqual([0, 1, 2])
  expect(wanted).toHaveLength(L * N * some.length * d)
  for (let head = 0; head < L * N; head++)
    for (const [n, asked] of some.entries()) {
      const at = (head * all.length + all.indexOf(asked)) * d
      expect(wanted.subarray((head * some.length + n) * d, (head * some.length + n + 1) * d)).toEqual(every.subarray(at, at + d))
    }
})

test('what is seen of keys is gone when a head is matched, and everything when a document is compressed', async () => {
  const { model, runtime } = host()
  const { live } = runtime
  {
    using products = await HeadProducts.open(runtime, model)
    const opened = runtime.live
    const during: number[] = []
    const onLayer = (): void => void during.push(runtime.live.tensor)
    const tools = { model, tokenizer: model.tokenizer!, reading: reading(), products, biased: true, onReading: () => () => {}, onLayer }
    await compressParts([{ ids: idsOf('the grey warp stands still, and a boat went to sea again'), tokens: 4 }], tools)
    expect(during).toEqual(Array.from({ length: model.spec.numLayers }, () => opened.tensor))
    expect(runtime.live).toEqual(opened)
  }
  expect(runtime.live).toEqual(live)
})

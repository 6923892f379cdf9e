import { MASKED } from '@weft/adapters'
import { describe, expect, test } from 'vitest'
import { biasInput } from './attention-inputs.ts'
import { type TrainingLayout, type TrainingLayoutOptions, trainingLayout } from './layout.ts'

const causal = { windows: [null], bidirectional: false }
const bidirectional = { windows: [null], bidirectional: true }
const layout = (options: Partial<TrainingLayoutOptions>) =>
  trainingLayout({ rows: [{ tokens: [11, 12, 13] }, { tokens: [21] }], tokens: 4, attention: causal, padTokenId: 9, ...options })
const numbers = (ids: BigInt64Array) => [...ids].map(Number)

/** The mask of one row of the batch as a picture: one line per query, x seen, . hidden. */
function picture({ attentionBias }: TrainingLayout, row: number, S: number, total: number, window: number | null = null): string[] {
  const mask = attentionBias[biasInput(window)]
  return Array.from({ length: S }, (_, query) =>
    [...mask.subarray((row * S + query) * total, (row * S + query + 1) * total)].map((bias) => (bias === MASKED ? '.' : 'x')).join(''),
  )
}

test('right padding: positions run on, padding is not seen', () => {
  const batch = layout({})
  expect(numbers(batch.inputIds)).toEqual([11, 12, 13, 9, 21, 9, 9, 9])
  expect([...batch.positions]).toEqual([0, 1, 2, 3, 0, 1, 2, 3])
  expect(picture(batch, 1, 4, 4)).toEqual(['x...', 'x...', 'x...', 'x...'])
  expect(picture(batch, 0, 4, 4)).toEqual(['x...', 'xx..', 'xxx.', 'xxx.'])
  expect(numbers(batch.lastIndex)).toEqual([2, 4])
})

test('left padding: the same positions, shifted columns', () => {
  const batch = layout({ padding: 'left' })
  expect(numbers(batch.inputIds)).toEqual([9, 11, 12, 13, 9, 9, 9, 21])
  expect([...batch.positions]).toEqual([0, 0, 1, 2, 0, 0, 0, 0])
  expect(picture(batch, 0, 4, 4)).toEqual(['....', '.x..', '.xx.', '.xxx'])
  expect(numbers(batch.lastIndex)).toEqual([3, 7])
})

test('rows stand before the tokens, a prefix before everything; positions start after the longest prefix', () => {
  const batch = layout({ placement: { rows: 2, prefix: 5, longestPrefix: 3 }, padding: 'left' })
  expect([...batch.positions.subarray(0, 6)]).toEqual([3, 4, 5, 5, 6, 7])
  expect([...batch.positions.subarray(6)]).toEqual([3, 4, 5, 5, 5, 5])
  expect(picture(batch, 0, 6, 11)).toEqual(['xxxxxx.....', 'xxxxxxx....', 'xxxxxxx....', 'xxxxxxx.x..', 'xxxxxxx.xx.', 'xxxxxxx.xxx'])
  // without a longest prefix, the prefixes are one
  expect(layout({ placement: { prefix: 5 } }).positions[0]).toBe(5)
})

test('strengths are added to every column of their row or prefix', () => {
  const {
    attentionBias: { attention_bias: bias },
  } = layout({
    rows: [{ tokens: [1, 2] }],
    tokens: 2,
    placement: { rows: 1, prefix: 2, rowBias: Float32Array.of(-1), prefixBias: Float32Array.of(0.5, 0.25) },
  })
  expect([...bias]).toEqual([0.5, 0.25, -1, MASKED, MASKED, 0.5, 0.25, -1, 0, MASKED, 0.5, 0.25, -1, 0, 0].map(Math.fround))
})

test('groups of rows have their own virtual positions: theirs stand next to the tokens, the rest is not seen', () => {
  const groups = [
    { batchRows: 1, rows: 1, prefix: 3, longestPrefix: 2, rowBias: Float32Array.of(-1), prefixBias: Float32Array.of(0.25, 0.5, 0.75) },
    { batchRows: 1, rows: 2 },
  ]
  const batch = layout({ placement: { rows: 2, prefix: 3, longestPrefix: 2, groups } })
  expect([...batch.positions.subarray(0, 6)]).toEqual([2, 2, 3, 4, 5, 5])
  expect([...batch.positions.subarray(6)]).toEqual([0, 1, 2, 2, 2, 2])
  expect(picture(batch, 0, 6, 9)).toEqual(['xxx......', 'xxx.x....', 'xxx.xx...', 'xxx.xxx..', 'xxx.xxxx.', 'xxx.xxxx.'])
  expect(picture(batch, 1, 6, 9)).toEqual(['...x.....', '...xx....', '...xxx...', '...xxx...', '...xxx...', '...xxx...'])
  expect([...batch.attentionBias.attention_bias.subarray(3 * 9, 3 * 9 + 7)]).toEqual([0.25, 0.5, 0.75, MASKED, -1, 0, 0])
  const left = layout({ placement: { rows: 2, prefix: 3, longestPrefix: 2, groups }, padding: 'left' })
  expect([...left.positions]).toEqual([2, 2, 3, 3, 4, 5, 0, 1, 2, 2, 2, 2])
  expect(() => layout({ placement: { groups: [...groups, { batchRows: 1 }] } })).toThrowError(/groups have 3 rows and the batch 2/)
})

test('only a row with virtual rows predicts its first token', () => {
  const { lossIndex, numTargets } = layout({
    placement: {
      rows: 2,
      groups: [
        { batchRows: 1, rows: 0 },
        { batchRows: 1, rows: 1 },
      ],
    },
  })
  expect(numTargets).toBe(3)
  expect(numbers(lossIndex).slice(0, 3)).toEqual([2, 3, 7])
})

test('a prefix alone leaves the first token unpredicted; rows in front predict it', () => {
  const alone = layout({ placement: { prefix: 3 } })
  expect(alone.numTargets).toBe(2)
  expect(numbers(alone.lossIndex)).toEqual([0, 1, 0, 0, 0, 0])
  expect(numbers(alone.lossTargets)).toEqual([12, 13, 0, 0, 0, 0])
  expect([...alone.lossWeights]).toEqual([0.5, 0.5, 0, 0, 0, 0])
  const rows = layout({ placement: { rows: 2 } })
  expect(rows.numTargets).toBe(4)
  expect(numbers(rows.lossIndex).slice(0, 4)).toEqual([1, 2, 3, 7])
  expect(numbers(rows.lossTargets).slice(0, 4)).toEqual([11, 12, 13, 21])
})

test('left padding predicts from the same rows: the first token from the last virtual one, not from padding', () => {
  const { lossIndex } = layout({ placement: { rows: 2 }, padding: 'left' })
  expect(numbers(lossIndex).slice(0, 4)).toEqual([1, 3, 4, 7])
})

test('in both directions everything but padding is seen', () => {
  expect(picture(layout({ attention: bidirectional }), 1, 4, 4)).toEqual(['x...', 'x...', 'x...', 'x...'])
  expect(picture(layout({ attention: bidirectional, padding: 'left' }), 0, 4, 4)).toEqual(['.xxx', '.xxx', '.xxx', '.xxx'])
  expect(picture(layout({ attention: bidirectional, placement: { rows: 1, prefix: 2 } }), 0, 5, 7)).toEqual(Array(5).fill('xxxxxx.'))
})

test('labels that are not shifted are learned where they stand, the first one too', () => {
  const rows = [
    { tokens: [11, 12, 13], labels: [2, -100, 0] },
    { tokens: [21], labels: [1] },
  ]
  const right = layout({ rows, attention: bidirectional })
  expect(right.numTargets).toBe(3)
  expect(numbers(right.lossIndex).slice(0, 3)).toEqual([0, 2, 4])
  expect(numbers(right.lossTargets).slice(0, 3)).toEqual([2, 0, 1])
  expect(numbers(layout({ rows, shifted: false, padding: 'left', placement: { rows: 2 } }).lossIndex).slice(0, 3)).toEqual([3, 5, 11])
  // Every position may have a label.
  expect(layout({ rows, attention: bidirectional }).lossIndex).toHaveLength(8)
})

test('label −100 is not learned; the normalizer and the number of loss rows can be set', () => {
  const batch = layout({ rows: [{ tokens: [11, 12, 13], labels: [-100, -100, 13] }], lossRows: 2, normalizer: 8 })
  expect(numbers(batch.lossIndex)).toEqual([1, 0])
  expect([...batch.lossWeights]).toEqual([0.125, 0])
})

test('what does not fit is refused, naming the row', () => {
  expect(() => layout({ tokens: 2 })).toThrowError(expect.objectContaining({ code: 'too_many_tokens', message: expect.stringContaining('Row 0 has 3') }))
  expect(() => layout({ rows: [{ tokens: [] }] })).toThrowError(/Row 0 has no tokens/)
  expect(() => layout({ rows: [{ tokens: [1, 2], labels: [1] }] })).toThrowError(/one per token/)
  expect(() => layout({ lossRows: 1 })).toThrowError(/2 learned tokens; lossRows is 1/)
})

describe('a window', () => {
  const within = (window: number, options: Partial<TrainingLayoutOptions> = {}) =>
    layout({ attention: { windows: [window], bidirectional: false }, ...options })

  test('shows so many positions, the own one included, wherever padding stands', () => {
    expect(picture(within(2), 0, 4, 4, 2)).toEqual(['x...', 'xx..', '.xx.', '..x.'])
    expect(picture(within(2, { padding: 'left' }), 0, 4, 4, 2)).toEqual(['....', '.x..', '.xx.', '..xx'])
    expect(picture(within(9), 0, 4, 4, 9)).toEqual(picture(layout({}), 0, 4, 4))
  })

  test('has a mask of its own beside the others', () => {
    const both = layout({ attention: { windows: [null, 2], bidirectional: false } })
    expect(Object.keys(both.attentionBias)).toEqual(['attention_bias', 'attention_bias.window_2'])
    expect(picture(both, 0, 4, 4)).toEqual(picture(layout({}), 0, 4, 4))
    expect(picture(both, 0, 4, 4, 2)).toEqual(picture(within(2), 0, 4, 4, 2))
  })

  test('counts rows and the columns of a prefix as the positions that they are', () => {
    expect(picture(within(3, { placement: { rows: 1, prefix: 2 } }), 0, 5, 7, 3)).toEqual(['xxx....', '.xxx...', '..xxx..', '...xxx.', '....xx.'])
  })

  test('meets every one of several prefixes where it ends, right before what follows', () => {
    const batch = within(3, { placement: { prefix: 5, longestPrefix: 3, prefixLengths: [3, 2] } })
    expect(picture(batch, 0, 4, 9, 3)).toEqual(['.xxxxx...', '..x.xxx..', '.....xxx.', '......xx.'])
  })

  test('is as wide to both sides where a token sees both', () => {
    const batch = layout({ attention: { windows: [2], bidirectional: true } })
    expect(picture(batch, 0, 4, 4, 2)).toEqual(['xx..', 'xxx.', '.xx.', '..x.'])
  })

  test('is so many columns wide to who counts columns', () => {
    const batch = within(3, { placement: { rows: 1 }, padding: 'left', positions: 'columns' })
    expect([...batch.positions]).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
    expect(picture(batch, 0, 5, 5, 3)).toEqual(['x....', 'x....', 'x.x..', '..xx.', '..xxx'])
  })
})

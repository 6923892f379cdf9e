import { expect, test } from 'vitest'
import { computedOf } from './computed.ts'
import type { JobResult } from './job-result.ts'

const result = (lineage: object, metrics: object, config: object = {}): JobResult =>
  ({ id: 'a@1', callable: 'a', adapter: { bytes: 2e6, manifest: { config, lineage, training: { steps: 1, metrics } } } }) as unknown as JobResult

test('a compression tells how many keys stand for how many tokens, whoever follows it', () => {
  const { json, text } = computedOf(result({ document: { selfStudy: 5 } }, { document_tokens: 24, tokens: 12, error: 0.1 }))!
  expect(json).toEqual({ bytes: 2e6, metrics: { document_tokens: 24, tokens: 12, error: 0.1 } })
  expect(text().split('\n').slice(0, 3)).toEqual([
    'a@1 is published: 12 keys for 24 tokens, 2.0 MB.',
    '  2.0 times fewer. What is seen of them differs by 10.0 % (squared, over reference queries made of the document).',
    '  Self-study was left out: what is kept whole has nothing to learn from itself.',
  ])
})

test('a vector of pairs tells where it acts, and what it tells apart', () => {
  const { json, text } = computedOf(result({ pairs: { normalize: false } }, { separated: 0.75, pairs: 4 }, { layers: [2] }))!
  expect(json).toEqual({ config: { layers: [2] }, metrics: { separated: 0.75, pairs: 4 } })
  expect(text()).toContain('a@1 is published, behind layer 2.\n  It tells 3 of 4 held-out pairs apart')
})

test.each([
  ['trained', result({ data: 'sha256:0' }, {})],
  ['not shown to this key', { id: 'a@1', callable: 'a' }],
])('what was %s has nothing of the kind', (_, each) => expect(computedOf(each)).toBeUndefined())

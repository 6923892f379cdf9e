import { expect, test } from 'vitest'
import { estimateOf } from './estimate.ts'
import { checkTrainingFile } from './training-file.ts'

const rows = (count: number) => checkTrainingFile('rows.jsonl', new TextEncoder().encode(`${JSON.stringify({ text: 'a'.repeat(40) })}\n`.repeat(count)))

test('every row is learned from where a validation file is measured on, and else those that are not set aside', () => {
  const given = { nEpochs: 2, batchSize: 10 }
  expect(estimateOf(rows(100), given, [])).toMatchObject({ steps: 18 })
  expect(estimateOf(rows(100), given, [], { hasValidation: true })).toMatchObject({ steps: 20, tokens: 2000 })
})

test('a row that is cut is as long as training leaves it', () => {
  const long = checkTrainingFile('rows.jsonl', new TextEncoder().encode(`${JSON.stringify({ text: 'a'.repeat(40_000) })}\n`.repeat(9)))
  expect(estimateOf(long, { nEpochs: 1, batchSize: 3 }, [])).toMatchObject({ tokens: 9 * 512 })
  expect(estimateOf(long, { nEpochs: 1, batchSize: 3, maxLength: 2000 }, [])).toMatchObject({ tokens: 9 * 2000 })
})

import { expect, test } from 'vitest'
import { positionsText } from './positions-text.ts'

const virtualTokens = { rows: 2, prefix: 4, longestPrefix: 4, positions: 6 }
const taken = '6 of 64 before the prompt (2 rows, 4 prefix)'

test.each([
  [[], taken],
  [['Be brief.'], `${taken}; the tokens of a text come on top, which are counted when it runs (virtual_tokens of its usage)`],
  [['Be brief.', 'Be kind.'], `${taken}; the tokens of 2 texts come on top, which are counted when it runs (virtual_tokens of its usage)`],
])('texts %j', (texts, told) => expect(positionsText({ virtualTokens, maxPositions: 64, texts })).toBe(told))

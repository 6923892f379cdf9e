import { floatTensor } from '@weft/adapters'
import { expect, test } from 'vitest'
import { model } from '../../../test/tiny-model.ts'
import { vllmExceptions } from './exceptions.ts'

const prefix = floatTensor([2, 2, 1, 3, 2])
const why = (composed: Partial<Parameters<typeof vllmExceptions>[0]>, of = model): string[] =>
  vllmExceptions({ segments: [], sites: {}, longestPrefix: 0, ...composed }, of).map(({ site, support, why: reason }) => `${site} ${support}: ${reason}`)

test('one prefix is served; several, a strong one, and one that a window loses sight of are not', () => {
  const keyValue = { sites: { keyValue: { prefix } }, longestPrefix: 3 }
  expect(why(keyValue)).toEqual([])
  expect(why({ ...keyValue, prefixLengths: [1, 2] })).toEqual([expect.stringMatching(/^keyValue refused: .*overlay/)])
  expect(why({ sites: { keyValue: { prefix, bias: floatTensor([3]) } } })).toEqual([expect.stringMatching(/^keyValue refused: .*strength/)])
  const gemma = { ...model, spec: { ...model.spec, architecture: 'gemma3_text' } }
  expect(why(keyValue, gemma)).toEqual([expect.stringMatching(/^keyValue refused: .*window/)])
  const windowed = (slidingWindow: number) => ({ ...model, spec: { ...model.spec, architecture: 'mistral', maxPositions: 64, slidingWindow } })
  expect(why(keyValue, windowed(16))).toEqual([expect.stringMatching(/^keyValue refused: .*window/)])
  // As wide as the context that vLLM was started with: nothing is ever out of sight.
  expect(why(keyValue, windowed(64))).toEqual([])
})

test('a strength of a text or of rows is told of the site that it is at', () => {
  expect(why({ segments: [{ kind: 'text', text: 'x', bias: 1 }] })).toEqual([expect.stringMatching(/^text refused/)])
  expect(why({ segments: [{ kind: 'rows', rows: floatTensor([1, 4]), bias: floatTensor([1]) }] })).toEqual([expect.stringMatching(/^inputsEmbeds refused/)])
  expect(
    why({
      segments: [
        { kind: 'text', text: 'x' },
        { kind: 'rows', rows: floatTensor([1, 4]) },
      ],
    }),
  ).toEqual([])
})

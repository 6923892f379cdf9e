import { decodeText } from '@weft/adapters'
import { encodeState } from '@weft/methods'
import { pluginCases } from '@weft/test/cases/plugin'
import { tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import text from './index.ts'

pluginCases(text, {
  configs: { 'a sentence': { config: { text: 'Answer briefly. 🧵' }, parameters: 0 } },
  refused: [
    { config: {}, param: 'method.text.text' },
    { config: { text: '' }, param: 'method.text.text' },
  ],
  tasks: ['CAUSAL_LM'],
})

test('its state is the text', () => {
  const state = encodeState(text, {}, { text: 'naïve' }, tinyModel)
  expect(decodeText(state.text.utf8.data as Uint8Array)).toBe('naïve')
})

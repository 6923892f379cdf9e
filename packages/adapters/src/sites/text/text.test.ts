import { siteCases } from '@weft/test/cases/site'
import { AdapterRegistry, adapterOf } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import { textState } from './algebra.ts'

const words = ['Answer', 'briefly', 'in', 'plain', 'words', 'naïve', '日本', '🧵']

siteCases({ site: 'text', state: (random) => textState(Array.from({ length: 3 }, () => words[random.integer(words.length)]).join(' ')) })

test('neighbouring texts of one strength are one text, others stay apart', async () => {
  const registry = new AdapterRegistry().add('a', await adapterOf({ text: textState('One. ') }))
  expect(registry.compose('a + "Two."').segments).toEqual([{ kind: 'text', text: 'One. Two.' }])
  expect(registry.compose('a + 2*"Two."').segments).toEqual([
    { kind: 'text', text: 'One. ' },
    { kind: 'text', text: 'Two.', bias: Math.fround(Math.log(2)) },
  ])
})

test('bytes that are not UTF-8 are refused', async () => {
  await expect(adapterOf({ text: { utf8: { shape: [2], data: Uint8Array.of(0xff, 0xfe) } } })).rejects.toMatchObject({ code: 'text_not_utf8' })
})

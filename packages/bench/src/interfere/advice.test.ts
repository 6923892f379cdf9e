import type { AdapterManifest } from '@weft/adapters'
import { expect, test } from 'vitest'
import { adviceOf, settles } from './advice.ts'
import { composing } from './composing.ts'

const place = { verdict: 'loses' as const, shifted: false, atOutput: false, runs: true, settles: true }
const beneath = 'train it on top of the others with "on"'

test.each([
  ['a sum', {}, `Expect it to lose more than half: settle the stack (weft settle) and compose it by experts(…), or ${beneath}.`],
  ['a sum that is not settled', { settles: false }, `Expect it to lose more than half: ${beneath}.`],
  ['operands at the output', { atOutput: true }, 'Expect it to lose more than half: settle the stack (weft settle).'],
  ['operands that are not settled', { atOutput: true, settles: false }, 'Expect it to lose more than half: give the others less strength.'],
  ['what does not run', { runs: false, settles: false }, 'It has the strength 0 and does not run: leave it out.'],
])('in %s', (_, of, advice) => expect(adviceOf({ ...place, ...of })).toBe(advice))

const made = (manifest: object) => ({ manifest: { sites: ['keyValue'], lineage: {}, ...manifest } as unknown as AdapterManifest })
const adapters = new Map([
  ['style/speech', made({})],
  ['style/whale', made({})],
  ['mail/spam', made({ sites: ['keyValue', 'head'] })],
  ['tone/formal', made({ lineage: { pairs: { normalize: false } } })],
  ['texts/manual', made({ lineage: { document: {} } })],
])
const canSettle = (expression: string): boolean => settles(composing(expression).terms, (name) => adapters.get(name))

test.each([
  ['style/speech + style/whale', true],
  ['base + 0.5*style/speech + style/whale + "Be brief."', true],
  ['experts(style/speech, style/whale)', true],
  ['0*style/speech + style/whale', false],
  ['style/speech + "Be brief."', false],
  ['style/speech + mail/spam', false],
  ['style/speech + tone/formal', false],
  ['style/speech + texts/manual', false],
])('weft settle takes %s: %s', (expression, taken) => {
  expect(canSettle(expression)).toBe(taken)
})

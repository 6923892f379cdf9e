import { WeftError } from '@weft/adapters'
import type { WeftClient } from '@weft/client'
import type { AdapterObject } from '@weft/protocol'
import { expect, test } from 'vitest'
import { compressionText } from './compression-text.ts'
import { jobResult } from './job-result.ts'
import { separationText } from './separation-text.ts'
import { endText, settledText } from './verdict-text.ts'

const check = { metric: 'loss' as const, file: 'file-1', rows: 2, value: 2.5, bound: 'at most 0.5', passed: false }
const candidate = (id: string) => ({ id, name: id.split('@')[0], candidate: true, gate: { status: 'failed', checks: [check] } }) as AdapterObject
const stored: Record<string, AdapterObject> = {
  'my/gated@1': candidate('my/gated@1'),
  'my/known@2': candidate('my/known@2'),
  'my/known': { id: 'my/known@1', name: 'my/known' } as AdapterObject,
  'my/good@1': { id: 'my/good@1', name: 'my/good' } as AdapterObject,
}
const weft = {
  adapters: {
    async get(id: string) {
      if (!stored[id]) throw new WeftError('adapter_version_not_found', 'it stands for no version', { status: 404 })
      return stored[id]
    },
  },
} as unknown as Pick<WeftClient, 'adapters'>
const resultOf = (fineTunedModel: string) => jobResult(weft, { fineTunedModel, suffix: fineTunedModel.split('@')[0]! })

test('what has not passed its gate is told as a candidate, and is tried by its version', async () => {
  expect(endText({ id: 'ftjob-1' }, await resultOf('my/gated@1')).split('\n')).toEqual([
    'my/gated@1 is stored as a candidate: it has not passed its publish gate, and "my/gated" stands for no version yet.',
    '  loss: 2.500, and at most 0.5 is asked for: not passed',
    'Try: npx weft run "base + my/gated@1" "…"',
  ])
  const known = await resultOf('my/known@2')
  expect(settledText([[{ id: 'ftjob-1' }, known]])).toContain(
    'my/known@2 is stored as a candidate: it has not passed its publish gate, and "my/known" stays what it was.',
  )
  const compressed = compressionText(known, 1e6, { document_tokens: 12, tokens: 12 }).split('\n')
  expect([compressed[0], compressed[2], compressed.at(-1)]).toEqual([
    expect.stringContaining('stored as a candidate'),
    '  12 keys for 12 tokens, 1.0 MB.',
    'Try: npx weft run "base + my/known@2" "…"',
  ])
  expect(separationText(known, {}, {})).toMatch(/^my\/known@2 is stored as a candidate: [^]+"base \+ 2\*my\/known@2"/)
})

test('what has passed, or is deleted since, is called by its name', async () => {
  for (const id of ['my/good@1', 'my/gone@1'])
    expect(endText({ id: 'ftjob-1' }, await resultOf(id))).toBe(`${id} is published.\nTry: npx weft run "base + ${id.split('@')[0]}" "…"`)
})

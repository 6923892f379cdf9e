import type { AdapterObject } from '@weft/protocol'
import { expect, test } from 'vitest'
import { candidateNote } from './candidate-note.ts'

const adapter = { id: 'my/gated@2', name: 'my/gated' } as AdapterObject
const weft = (...aliases: string[][]) => ({ adapters: { versions: async () => aliases.map((each) => ({ aliases: each })) } }) as never

test('a candidate is told as one, and what its name stands for meanwhile', async () => {
  const checks = [{ metric: 'loss' as const, file: 'f', rows: 2, value: 2.5, bound: 'at most 0.5', passed: false }]
  const candidate: AdapterObject = { ...adapter, candidate: true, gate: { status: 'failed', checks } }
  expect(await candidateNote(weft([], ['latest']), candidate)).toBe(
    'my/gated@2 is stored as a candidate: it has not passed its publish gate, and "my/gated" stays what it was. loss: 2.500, and at most 0.5 is asked for: not passed.',
  )
  expect(await candidateNote(weft([]), { ...adapter, candidate: true })).toBe(
    'my/gated@2 is stored as a candidate: its publish gate is pending, and "my/gated" stands for no version yet.',
  )
  expect(await candidateNote(weft(), adapter)).toBeUndefined()
})

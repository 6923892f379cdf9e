import { expect, test } from 'vitest'
import { KeptStates } from './kept-states.ts'

test('states are computed once as long as there is room, and again for what had none', async () => {
  const kept = new KeptStates<string>(5)
  const computed: string[] = []
  const shared = new Float32Array(2)
  const ask = (batch: string) =>
    kept.of(batch, async () => {
      computed.push(batch)
      return { data: shared.fill(computed.length) }
    })
  const first = await ask('a')
  for (const batch of ['b', 'c', 'a', 'b', 'c']) await ask(batch)
  expect(computed).toEqual(['a', 'b', 'c', 'c'])
  expect([...first]).toEqual([1, 1])
})

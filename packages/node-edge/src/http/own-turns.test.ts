import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { OwnTurns } from './own-turns.ts'

const large = 3e6

test('large bodies that come together are read in their order, and what else there is has turns of the event loop in between', async () => {
  const { ownTurn } = new OwnTurns()
  const done: string[] = []
  for (const at of [1, 2, 3]) void ownTurn(large).then(() => done.push(`large ${at}`))
  while (!done.includes('large 3')) {
    await setImmediate()
    done.push('turn')
  }
  const [first, second, third] = [1, 2, 3].map((at) => done.indexOf(`large ${at}`))
  expect(first).toBe(0)
  expect(second - first).toBeGreaterThan(3)
  expect(third - second).toBeGreaterThan(3)
})

test('a small body waits for none, and a large one for none that is not there', async () => {
  const { ownTurn } = new OwnTurns()
  const done: string[] = []
  const first = ownTurn(large).then(() => done.push('large'))
  void ownTurn(large).then(() => done.push('next'))
  await Promise.all([first, ownTurn(1000).then(() => done.push('small'))])
  expect(done).toEqual(['large', 'small'])
})

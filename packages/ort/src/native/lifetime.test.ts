import { expect, test } from 'vitest'
import { PATIENCE, runProgram } from '../../test/child.ts'
import { Handle, Ledger } from './lifetime.ts'

const flags = ['--expose-gc']

test('a handle is freed once, by its last holder, before what it needs', () => {
  const freed: string[] = []
  const ledger = new Ledger()
  const memory = new Handle(ledger, 'memory', 1n, () => freed.push('memory'))
  const tensor = new Handle(ledger, 'tensor', 2n, () => freed.push('tensor'), [memory])
  memory.release()
  tensor.retain().release()
  expect([freed, ledger.counts]).toEqual([[], { memory: 1, tensor: 1 }])
  tensor.release()
  tensor.release()
  expect([freed, ledger.total]).toEqual([['tensor', 'memory'], 0])
  expect(() => tensor.retain()).toThrow(expect.objectContaining({ code: 'disposed' }))
})

test(
  'small runs stay right while the collector runs every 3 ms',
  () => {
    const { wrong, runs, collections } = runProgram<{ wrong: number; runs: number; collections: number }>('programs/collection.ts', { flags })
    expect(wrong).toBe(0)
    expect(collections).toBeGreaterThanOrEqual(100)
    expect(runs).toBeGreaterThanOrEqual(200)
  },
  PATIENCE,
)

test(
  '10,000 runs leak nothing',
  () => {
    const { growth, live, leaked } = runProgram<{ growth: number[]; live: object; leaked: number }>('programs/leaks.ts', { flags })
    expect(live).toEqual({})
    expect(leaked).toBe(0)
    // An OrtValue takes some 200 bytes and its memory 1 KB: one of them kept per run would show as 6 MB in 5,000.
    expect(Math.min(...growth)).toBeLessThan(4)
  },
  PATIENCE,
)

test(
  'what is dropped undisposed is freed by the collector and reported',
  () => {
    expect(runProgram('programs/undisposed.ts', { flags })).toEqual({ kinds: ['binding', 'session', 'tensor', 'tensor'], leaked: 4, live: { runtime: 1 } })
  },
  PATIENCE,
)

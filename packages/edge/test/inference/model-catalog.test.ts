import type { Health, HeldModel } from '@weft/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { modelCatalog } from '../../src/resolve/model-catalog.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const health = { status: 'ok', models: [{ name: 'base' } as HeldModel] } as Health
/** How long a question takes. */
const taken = async (work: Promise<unknown>): Promise<number> => {
  const began = Date.now()
  let over: number | undefined
  void work.then(() => (over = Date.now() - began))
  while (over === undefined) await vi.advanceTimersByTimeAsync(10)
  return over
}

test('requests that come at once ask the runner once', async () => {
  const asked = vi.fn(async () => {
    await new Promise((resolve) => setTimeout(resolve, 100))
    return health
  })
  const catalog = modelCatalog({ health: asked })
  const first = catalog.list()
  await vi.advanceTimersByTimeAsync(1)
  await taken(Promise.all([first, ...Array.from({ length: 5 }, () => catalog.list())]))
  expect(asked).toHaveBeenCalledTimes(1)
})

test('a question whose request has ended before its answer is waited for once, and no more', async () => {
  const lost = new Promise<Health>(() => {})
  const asked = vi.fn(async () => health).mockReturnValueOnce(lost)
  const catalog = modelCatalog({ health: asked })
  void catalog.list()
  await vi.advanceTimersByTimeAsync(1)
  expect(await taken(catalog.list())).toBeGreaterThan(9_000)
  for (let n = 0; n < 3; n++) {
    await vi.advanceTimersByTimeAsync(90_000)
    expect(await taken(catalog.list())).toBeLessThan(100)
  }
})

test('what was heard before the clock was set back is asked again', async () => {
  const asked = vi.fn(async () => health)
  const catalog = modelCatalog({ health: asked })
  await catalog.list()
  vi.setSystemTime(Date.now() - 3_600_000)
  for (let n = 0; n < 3; n++) await catalog.list()
  expect(asked).toHaveBeenCalledTimes(2)
})

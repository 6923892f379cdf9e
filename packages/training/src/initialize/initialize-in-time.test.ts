import { zeros } from '@weft/methods'
import { tinyContext } from '@weft/test/cases/plugin'
import { expect, test } from 'vitest'
import { initializeInTime } from './initialize-in-time.ts'

const rows = (init: unknown, further: object = {}) =>
  initializeInTime({ init, shape: [2] } as never, tinyContext(), { method: 'mine', name: 'rows', ...further })
const never = () => new Promise(() => {})

test('values come as they were made', async () => expect(await rows(zeros)).toEqual(new Float32Array(2)))

test.each<[string, unknown, string]>([
  [
    'throws',
    () => {
      throw new TypeError('no')
    },
    'the "init" of its parameter "rows" threw TypeError: no',
  ],
  ['rejects', async () => Promise.reject(new Error('gone')), 'the "init" of its parameter "rows" threw Error: gone'],
  ['gives doubles', () => new Float64Array(2), 'the "init" of its parameter "rows" gave a Float64Array; expected a Float32Array'],
  ['gives a list', () => [1, 2], 'gave object; expected a Float32Array'],
  ['gives nothing', () => undefined, 'the "init" of its parameter "rows"'],
  ['gives no number', () => Float32Array.of(0, Number.NaN), 'gave NaN at 1; expected finite numbers'],
])('an initializer that %s is the fault of the plugin', async (_, init, message) => {
  await expect(rows(init)).rejects.toThrow(
    expect.objectContaining({ code: 'plugin_failed', details: { method: 'mine' }, message: expect.stringContaining(message) }),
  )
})

test('nobody waits for one that never ends', async () => {
  await expect(rows(never, { minutes: 1e-4 })).rejects.toMatchObject({ code: 'initializer_timeout', details: { method: 'mine', parameter: 'rows' } })
  const abort = new AbortController()
  const waiting = rows(never, { signal: abort.signal })
  abort.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
  await expect(rows(zeros, { signal: abort.signal })).rejects.toMatchObject({ code: 'cancelled' })
})

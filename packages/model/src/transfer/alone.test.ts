import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../testing/tiny-llama.ts'
import { alone, isBeingFetched } from './alone.ts'

const never = () => expect.unreachable()

test('one after another, whatever becomes of the one before, and nothing is left', async () => {
  const folder = join(temporaryFolder(), 'new')
  const events: string[] = []
  const step = (name: string, fails = false) =>
    alone(
      folder,
      () => events.push(`${name} waits`),
      async () => {
        events.push(`${name} begins`)
        expect(isBeingFetched(folder)).toBe(true)
        await new Promise((done) => setTimeout(done, 20))
        events.push(`${name} ends`)
        if (fails) throw new Error('no')
      },
    )
  const all = await Promise.allSettled([step('a', true), step('b')])
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  const [first, second] = events.indexOf('a begins') < events.indexOf('b begins') ? ['a', 'b'] : ['b', 'a']
  // Whether the one hears that it waits before or after the other has begun is anybody's guess.
  expect(events.slice(0, 2).toSorted()).toEqual([`${first} begins`, `${second} waits`].toSorted())
  expect(events.slice(2)).toEqual([`${first} ends`, `${second} begins`, `${second} ends`])
  expect(readdirSync(folder)).toEqual([])
  expect(isBeingFetched(folder)).toBe(false)
})

test('who is gone is not waited for: its process has ended here, or it was silent for long elsewhere', async () => {
  const folder = temporaryFolder()
  const file = join(folder, '.fetching')
  // No process has the number 2^22 + 1: it is beyond the largest.
  writeFileSync(file, JSON.stringify({ id: 'x', pid: 2 ** 22 + 1, host: hostname() }))
  expect(isBeingFetched(folder)).toBe(false)
  await alone(folder, never, async () => {})
  writeFileSync(file, JSON.stringify({ id: 'x', pid: 1, host: 'elsewhere' }))
  expect(isBeingFetched(folder)).toBe(true)
  utimesSync(file, new Date(0), new Date(0))
  expect(isBeingFetched(folder)).toBe(false)
  await alone(folder, never, async () => {})
  expect(existsSync(file)).toBe(false)
})

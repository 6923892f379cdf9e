import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cached } from './cached.ts'
import { cacheIn, cacheOfUser } from './start-cache.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-kept-'))

test('what was written is read again, by this user alone', () => {
  const folder = join(scratch, 'own', 'kept')
  const cache = cacheIn(folder)
  expect(cache.read('a-1')).toBeUndefined()
  cache.write('a-1', 'größe')
  cache.write('a-1', 'größer')
  expect(cacheIn(folder).read('a-1')).toBe('größer')
  expect(readdirSync(folder)).toEqual(['a-1'])
  expect([statSync(folder).mode & 0o777, statSync(join(folder, 'a-1')).mode & 0o777]).toEqual([0o700, 0o600])
})

test.each([
  ['cut short', (stored: string) => stored.slice(0, -1)],
  ['empty', () => ''],
  ['changed', (stored: string) => stored.replace('text', 'next')],
  ['of another digest', (stored: string) => `0${stored.slice(1)}`],
])('a file that is %s is none', (name, how) => {
  const folder = join(scratch, name)
  const cache = cacheIn(folder)
  cache.write('a-1', 'a text')
  const file = join(folder, 'a-1')
  const stored = readFileSync(file, 'utf8')
  const other = how(stored)
  writeFileSync(file, other === stored ? `1${stored.slice(1)}` : other)
  expect(cache.read('a-1')).toBeUndefined()
})

test('of each kind a few stay, those that were used last, and nothing that was never finished', () => {
  const folder = join(scratch, 'many')
  const cache = cacheIn(folder)
  cache.write('other-1', 'other')
  writeFileSync(join(folder, 'broken-off.tmp'), 'half')
  utimesSync(join(folder, 'broken-off.tmp'), 0, 0)
  writeFileSync(join(folder, 'being-written.tmp'), 'half')
  for (let at = 0; at < 12; at++) {
    cache.write(`a-${at}`, String(at))
    utimesSync(join(folder, `a-${at}`), at, at)
    if (at === 7) cache.read('a-0')
  }
  expect(readdirSync(folder).sort()).toEqual(['a-0', 'a-10', 'a-11', 'a-5', 'a-6', 'a-7', 'a-8', 'a-9', 'being-written.tmp', 'other-1'])
})

test('where nothing can be kept, or others may write, nothing is, and nothing fails', () => {
  const file = join(scratch, 'a file')
  writeFileSync(file, '')
  const open = join(scratch, 'open')
  for (const folder of [join(file, 'below'), open]) {
    if (folder === open) {
      cacheIn(folder).write('a-1', 'of this user')
      chmodSync(folder, 0o777)
      expect(cacheIn(folder).read('a-1')).toBeUndefined()
    }
    cacheIn(folder).write('a-2', 'a text')
    expect(cacheIn(folder).read('a-2')).toBeUndefined()
  }
  expect(readdirSync(open)).toEqual(['a-1'])
  // A folder in a file's place.
  const cache = cacheIn(join(scratch, 'odd'))
  mkdirSync(join(scratch, 'odd', 'a-1'), { recursive: true, mode: 0o700 })
  cache.write('a-1', 'a text')
  expect(cache.read('a-1')).toBeUndefined()
  expect(readdirSync(join(scratch, 'odd'))).toEqual(['a-1'])
})

test('it lies beside what Node keeps of sources, and is nowhere where Node keeps none', () => {
  const compiled = join(scratch, 'compiled')
  cacheOfUser({ NODE_COMPILE_CACHE: compiled }).write('a-1', 'a text')
  expect(readFileSync(join(compiled, 'weft-edge', 'a-1'), 'utf8')).toContain('a text')
  expect(cacheOfUser({ NODE_COMPILE_CACHE: compiled, NODE_DISABLE_COMPILE_CACHE: '1' }).read('a-1')).toBeUndefined()
  expect(cacheOfUser({}).read('a-1')).toBeUndefined()
})

test('one question is answered once, another anew, and one without words always', async () => {
  const cache = cacheIn(join(scratch, 'questions'))
  let made = 0
  const ask = (question: unknown) => cached(cache, 'answer', question, async () => ({ made: ++made }))
  expect(await ask(['a', 1])).toEqual({ made: 1 })
  expect(await ask(['a', 1])).toEqual({ made: 1 })
  expect(await ask(['a', 2])).toEqual({ made: 2 })
  expect(await ask(undefined)).toEqual({ made: 3 })
  expect(await ask(undefined)).toEqual({ made: 4 })
})

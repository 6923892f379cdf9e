import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { findKey, keyFile, localKey, shownKeyFile } from './local-key.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-key-'))
afterAll(() => rmSync(scratch, { recursive: true }))
afterEach(() => void vi.restoreAllMocks())
const folder = (name: string): string => {
  mkdirSync(join(scratch, name), { recursive: true })
  return join(scratch, name)
}

test('every state folder has a key of its own, which stays, for its owner alone', () => {
  const [one, other] = [folder('one'), folder('other')]
  const key = localKey(one)
  expect(key).toMatch(/^weft-[\w-]{43}$/)
  expect(localKey(one)).toBe(key)
  expect(localKey(other)).not.toBe(key)
  expect(statSync(keyFile(one)).mode & 0o777).toBe(0o600)
  expect(readFileSync(keyFile(one), 'utf8')).toBe(`${key}\n`)
})

test('a key file that is empty gets one; one that holds several words is refused by name', () => {
  const state = folder('edited')
  writeFileSync(keyFile(state), '\n')
  chmodSync(keyFile(state), 0o644)
  expect(localKey(state)).toMatch(/^weft-/)
  // It was there before the key was, readable for all: now it is its owner's.
  expect(statSync(keyFile(state)).mode & 0o777).toBe(0o600)
  expect(() => findKey(keyFile(state))).toThrow(expect.objectContaining({ code: 'state_is_file' }))
  writeFileSync(keyFile(state), 'two words')
  expect(() => localKey(state)).toThrow(expect.objectContaining({ code: 'key_malformed', message: expect.stringContaining(keyFile(state)) }))
})

test('a command finds the key of the folder it is told, or of the nearest .weft', () => {
  const project = folder('project')
  const inside = folder('project/src/deep')
  const key = localKey(folder('project/.weft'))
  vi.spyOn(process, 'cwd').mockReturnValue(inside)
  expect(findKey()).toBe(key)
  expect(findKey(folder('none'))).toBeUndefined()
  const named = folder('named')
  const other = localKey(named)
  expect(findKey(named)).toBe(other)
  expect(shownKeyFile(join(inside, '.weft'))).toBe('.weft/key')
  expect(shownKeyFile(join(project, '.weft'))).toBe(join(project, '.weft', 'key'))
})

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeFolder } from './make-folder.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-make-folder-'))
afterAll(() => rmSync(scratch, { recursive: true }))

test('makes what is not there, and takes what is', () => {
  const folder = join(scratch, 'a', 'b', 'c')
  makeFolder(folder, { mode: 0o700 })
  makeFolder(folder)
  expect(statSync(folder).isDirectory()).toBe(true)
  expect(statSync(join(scratch, 'a')).mode & 0o777).toBe(0o700)
})

test.skipIf(process.platform !== 'linux')('comes back where nothing can be made', () => {
  expect(() => makeFolder('/proc/nothing/below')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  writeFileSync(join(scratch, 'file'), '')
  expect(() => makeFolder(join(scratch, 'file', 'below'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
})

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openDirectory } from './directory-storage.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-directory-mark-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('the first of those that write a mark at once keeps it, and nothing else is left of the others', async () => {
  const storage = await openDirectory(folder)
  const ids = await Promise.all(['one', 'two', 'three', 'four'].map((id) => storage.mark.write(id)))
  expect(new Set(ids).size).toBe(1)
  expect(await storage.mark.read()).toBe(ids[0])
  expect(readdirSync(folder)).toEqual(['.weft-database'])
})

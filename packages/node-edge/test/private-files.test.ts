import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openDatabase } from '../src/database/open-database.ts'
import { openStorage } from '../src/storage/open-storage.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-private-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** Of everything in a folder and of the folder itself. */
const modesOf = (folder: string): Record<string, number> =>
  Object.fromEntries(['', ...(readdirSync(folder, { recursive: true }) as string[])].map((name) => [name, statSync(join(folder, name)).mode & 0o777]))

test.skipIf(process.platform === 'win32')('what is made for the database and the storage is readable by its owner alone', async () => {
  const folder = join(scratch, 'state')
  const database = await openDatabase(join(folder, 'db', 'weft.sqlite'), { onLost: () => {} })
  await database.prepare("INSERT INTO settings (name, value) VALUES ('a', 'b')").bind().run()
  const storage = await openStorage(join(folder, 'objects'), {})
  await storage.files.put('file-1', new TextEncoder().encode('x'))
  const modes = modesOf(folder)
  expect(Object.keys(modes)).toEqual(
    expect.arrayContaining(['', 'db/weft.sqlite', 'db/weft.sqlite-wal', 'db/weft.sqlite-shm', 'db/weft.sqlite-lock', 'objects/files/file-1']),
  )
  for (const [name, mode] of Object.entries(modes)) expect([name, mode & 0o077]).toEqual([name, 0])
  await database.close()
})

test.skipIf(process.platform === 'win32')('what is there already keeps its mode', async () => {
  const folder = join(scratch, 'shared')
  mkdirSync(folder)
  writeFileSync(join(folder, 'weft.sqlite'), '')
  chmodSync(folder, 0o750)
  chmodSync(join(folder, 'weft.sqlite'), 0o640)
  const database = await openDatabase(join(folder, 'weft.sqlite'), { onLost: () => {} })
  expect(modesOf(folder)).toMatchObject({ '': 0o750, 'weft.sqlite': 0o640 })
  await database.close()
})

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import promptTuning from '@weft/plugins/prompt-tuning'
import { defineConfig } from '@weft/protocol'
import { afterAll, expect, test } from 'vitest'
import { serve } from '../src/serve.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-bound-storage-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const config = defineConfig({ models: { base: { path: './base' } }, plugins: [promptTuning] })
const at = (name: string): string => join(scratch, name)
const mark = (storage: string): string => at(`${storage}/.weft-database`)

/** Serves a file in a folder over another folder, does something with it, and stops. */
async function served(
  database: string,
  storage: string,
  use: (ask: (path: string, init?: RequestInit) => Promise<Response>) => Promise<void> = async () => {},
) {
  const serving = await serve({
    config,
    host: '127.0.0.1',
    port: 0,
    database: at(`${database}/weft.sqlite`),
    storage: at(storage),
    environment: { LOG_REQUESTS: 'off', LOCAL_KEY: 'key' },
    onFirstKey: () => {},
    onLost: (error) => {
      throw error
    },
  })
  await use((path, init) => fetch(`http://127.0.0.1:${serving.port}${path}`, { ...init, headers: { authorization: 'Bearer key' } }))
  await serving.stop(5000)
}

const upload = async (ask: (path: string, init?: RequestInit) => Promise<Response>): Promise<void> => {
  const body = new FormData()
  body.set('purpose', 'fine-tune')
  body.set('file', new Blob(['{"text": "kept"}\n']), 'kept.jsonl')
  expect((await ask('/v1/files', { method: 'POST', body })).status).toBe(200)
}
const filesOf = (storage: string): string[] => readdirSync(at(`${storage}/files`))
const refused = (...says: string[]) => ({
  code: 'storage_of_another_database',
  status: 400,
  fault: 'caller',
  message: expect.toSatisfy((message: string) => says.every((each) => message.includes(each))),
})
const change = (database: string, sql: string): void => {
  const opened = new DatabaseSync(at(`${database}/weft.sqlite`))
  opened.exec(sql)
  opened.close()
}

test('a new database gets no storage that is marked, however often it is tried, and nothing in there is touched', async () => {
  await served('first', 'one', upload)
  const [file] = filesOf('one')
  for (let n = 0; n < 2; n++) await expect(served('mistyped', 'one')).rejects.toMatchObject(refused(at('one'), at('mistyped/weft.sqlite'), mark('one')))
  expect(filesOf('one')).toEqual([file])
  // Without the mark it is still somebody's: a new database names nothing of it.
  rmSync(mark('one'))
  await expect(served('mistyped', 'one')).rejects.toMatchObject(refused('files are there'))
  expect(existsSync(mark('one'))).toBe(false)
  // The database whose files they are takes it up again, and the one that was refused goes with a storage of its own.
  await served('first', 'one')
  await served('mistyped', 'of-its-own')
  expect(readFileSync(mark('one'), 'utf8')).not.toBe(readFileSync(mark('of-its-own'), 'utf8'))
})

test('a database that is not new gets no storage of another one, unless its mark is removed', async () => {
  await served('left', 'left-objects', upload)
  await served('right', 'right-objects')
  await expect(served('right', 'left-objects')).rejects.toMatchObject(refused(`remove ${mark('left-objects')}`))
  rmSync(mark('left-objects'))
  await served('right', 'left-objects')
  await expect(served('left', 'left-objects')).rejects.toMatchObject(refused(mark('left-objects')))
})

test('the mark is no object: garbage collection that removes all else passes it by, and it is its owner’s alone', async () => {
  await served('collected', 'collected-objects', async (ask) => {
    await upload(ask)
    const answer = await ask('/v1/gc', { method: 'POST', body: JSON.stringify({ grace_seconds: 0 }) })
    expect(await answer.json()).toMatchObject({ removed: [{ kind: 'file' }] })
  })
  expect(readFileSync(mark('collected-objects'), 'utf8')).toMatch(/^[0-9a-f-]{36}\n$/)
  if (process.platform !== 'win32') expect(statSync(mark('collected-objects')).mode & 0o077).toBe(0)
  expect(readdirSync(at('collected-objects')).sort()).toEqual(['.weft-database', 'files'])
})

test('what an older version has served, whose database and storage have no id, is served on and bound', async () => {
  await served('older', 'older-objects', upload)
  rmSync(mark('older-objects'))
  change('older', "DELETE FROM settings WHERE name = 'deployment_id'")
  await served('older', 'older-objects')
  await expect(served('beside-older', 'older-objects')).rejects.toMatchObject(refused())
  // A copy of the database from before has no id to compare with the mark.
  change('older', "DELETE FROM settings WHERE name = 'deployment_id'")
  await expect(served('older', 'older-objects')).rejects.toMatchObject(refused(`remove ${mark('older-objects')}`))
  rmSync(mark('older-objects'))
  await served('older', 'older-objects')
})

test('a copy of the database is served: beside the storage, a copy of it, one without the mark, and an empty one', async () => {
  await served('copied', 'copied-objects', upload)
  const id = readFileSync(mark('copied-objects'), 'utf8')
  cpSync(at('copied'), at('copy'), { recursive: true })
  await served('copied', 'copied-objects', upload)
  await served('copy', 'copied-objects')
  cpSync(at('copied-objects'), at('copy-objects'), { recursive: true })
  await served('copy', 'copy-objects')
  mkdirSync(at('unmarked'))
  cpSync(at('copied-objects/files'), at('unmarked/files'), { recursive: true })
  await served('copy', 'unmarked')
  await served('copy', 'empty')
  for (const storage of ['copied-objects', 'copy-objects', 'unmarked', 'empty']) expect(readFileSync(mark(storage), 'utf8')).toBe(id)
})

test('a start that is refused leaves what another process is writing, and one that serves removes what a killed one has left', async () => {
  await served('writing', 'writing-objects', async (ask) => {
    await upload(ask)
    const partial = at('writing-objects/files/file-1.0.partial')
    writeFileSync(partial, 'half')
    await expect(served('writing', 'writing-objects')).rejects.toMatchObject({ code: 'database_in_use' })
    await expect(served('other', 'writing-objects')).rejects.toMatchObject(refused())
    expect(existsSync(partial)).toBe(true)
  })
  await served('writing', 'writing-objects')
  expect(filesOf('writing-objects').filter((name) => name.endsWith('.partial'))).toEqual([])
})

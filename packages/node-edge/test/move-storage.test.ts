import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bindStorage, requireUnowned } from '../src/bind-storage.ts'
import { openDatabase } from '../src/database/open-database.ts'
import { moveStorage } from '../src/moving/move-storage.ts'
import { openStorage } from '../src/storage/open-storage.ts'
import { sha256Of } from '../src/storage/sha256-of.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-move-storage-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const at = (name: string): string => join(scratch, name)
const environment = process.env
const database = at('weft.sqlite')
const move = (from: string, to: string) => moveStorage({ database, from, to, environment })

beforeAll(async () => {
  const opened = await openDatabase(database, { onLost: () => {} })
  await opened.prepare("INSERT INTO settings (name, value) VALUES ('deployment_id', 'the-id')").run()
  await opened.close()
})

const bytesOf = (seed: number, length: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length }, (_, i) => (i * 31 + seed) % 251)
/** Larger than S3 takes in one part, too. */
const large = bytesOf(3, 9 * 2 ** 20)

/** Names as the edge gives them, sizes from nothing on, some put with their digest. */
async function filled(place: string): Promise<void> {
  const storage = await openStorage(place, environment)
  for (let i = 0; i < 20; i++) {
    const bytes = bytesOf(i, i * 100)
    await storage.adapters.put(`default/sha256:${String(i).repeat(8)}`, bytes, await sha256Of(new Blob([bytes]).stream()))
    await storage.files.putStream(`file-${i}`, new Blob([bytes]).stream(), bytes.length)
  }
  await storage.files.putStream('large', new Blob([large]).stream(), large.length)
  await storage.checkpoints.put('job/0000100', bytesOf(9, 50))
  await storage.mark.write('the-id')
}

const contentOf = async (place: string) => {
  const storage = await openStorage(place, environment)
  const all: [string, string | undefined, string | undefined][] = []
  for (const part of ['adapters', 'files', 'checkpoints'] as const)
    for (const { id } of await storage[part].list('')) all.push([`${part}/${id}`, await storage[part].digest(id), (await storage[part].head(id))?.digest])
  return { mark: await storage.mark.read(), objects: all.sort() }
}

/** The bucket of a test run over S3, such as `s3://bucket/prefix`, is emptied by whoever names it. */
const bucket = process.env.WEFT_TEST_STORAGE?.startsWith('s3://') ? `${process.env.WEFT_TEST_STORAGE}/moved-${Date.now()}` : undefined

/** Fills a storage, of which one object is not what its digest says. Gives what makes it whole again. */
const filledAndDamaged = async (storage: string): Promise<() => void> => {
  await filled(storage)
  const key = join(storage, 'adapters', 'default', 'sha256%3A77777777')
  const whole = readFileSync(key)
  appendFileSync(key, 'x')
  return () => writeFileSync(key, whole)
}

test.each(['a folder', ...(bucket ? ['S3'] : [])])('every object comes to %s with its bytes, its digest and the mark', async (kind) => {
  const from = at(`from ${kind}`)
  const to = kind === 'S3' ? bucket! : at('to')
  await filled(from)
  const before = await contentOf(from)
  expect(await move(from, to)).toEqual({ objects: 42, bytes: 2 * 19_000 + large.length + 50, kept: 0 })
  expect(await contentOf(to)).toEqual(before)
  expect(await contentOf(from)).toEqual(before)
  expect(before.mark).toBe('the-id')
  expect(await move(from, to)).toMatchObject({ objects: 42, kept: 42 })
  if (kind === 'S3') {
    await move(to, at('back'))
    expect(await contentOf(at('back'))).toEqual(before)
  }
})

test('what cannot be read is told, the rest is there, and a second move brings what was mended', async () => {
  const [from, to] = [at('damaged'), at('goes on')]
  const mend = await filledAndDamaged(from)
  await expect(move(from, to)).rejects.toMatchObject({
    code: 'objects_not_moved',
    message: expect.stringMatching(/^1 of .*adapters\/default\/sha256:77777777/),
  })
  const { mark, objects } = await contentOf(to)
  expect({ mark, objects: objects.length }).toEqual({ mark: `half moved: the-id, from ${from}`, objects: 41 })
  mend()
  expect(await move(from, to)).toMatchObject({ objects: 42, kept: 41 })
  expect(await contentOf(to)).toEqual(await contentOf(from))
})

test('what was not moved to its end is not served, nor moved on, and the old one is', async () => {
  const [from, to] = [at('source'), at('half')]
  const mend = await filledAndDamaged(from)
  await expect(move(from, to)).rejects.toMatchObject({ code: 'objects_not_moved' })
  const refused = { code: 'storage_half_moved', status: 400, message: expect.stringContaining(`from ${from}`) }
  const bind = async (storage: string): Promise<void> => {
    const held = await openDatabase(database, { onLost: () => {} })
    await bindStorage(held, (await openStorage(storage, environment)).mark, { database, storage }).finally(() => held.close())
  }
  await expect(bind(to)).rejects.toMatchObject(refused)
  const { mark } = await openStorage(to, environment)
  await expect(requireUnowned(mark, { database: 'new', storage: to })).rejects.toMatchObject(refused)
  await expect(move(to, at('third'))).rejects.toMatchObject(refused)
  await bind(from)
  mend()
  // The source may be elsewhere by then, such as on another mount.
  renameSync(from, at('source elsewhere'))
  await move(at('source elsewhere'), to)
  await bind(to)
})

test('what the old one has lost since a move to another broke off is not brought back by the next one', async () => {
  const [from, to] = [at('served on'), at('half of it')]
  const mend = await filledAndDamaged(from)
  await expect(move(from, to)).rejects.toMatchObject({ code: 'objects_not_moved' })
  mend()
  const served = await openStorage(from, environment)
  await served.checkpoints.delete('job/0000100')
  await served.adapters.delete('default/sha256:33333333')
  await served.files.put('file-new', bytesOf(1, 10))
  expect(await move(from, to)).toMatchObject({ objects: 41, kept: 39 })
  expect(await contentOf(to)).toEqual(await contentOf(from))
  // One that came to its end may have been served since, and what it has then is its own.
  await served.files.delete('file-new')
  await expect(move(from, to)).rejects.toMatchObject({ code: 'storage_not_empty', message: expect.stringContaining('files/file-new') })
})

test('a source without a mark leaves none', async () => {
  const [from, to] = [at('unmarked'), at('unmarked too')]
  await filled(from)
  rmSync(join(from, '.weft-database'))
  expect(await move(from, to)).toMatchObject({ objects: 42, kept: 0 })
  expect(await move(from, to)).toMatchObject({ objects: 42, kept: 42 })
  expect((await contentOf(to)).mark).toBe(undefined)
})

test('an object whose digest an ended move had yet to note is brought again', async () => {
  const [from, to] = [at('noted'), at('ended')]
  await filled(from)
  await move(from, to)
  rmSync(join(to, 'adapters', 'default', 'sha256%3A77777777.sha256'))
  expect(await move(from, to)).toMatchObject({ objects: 42, kept: 41 })
  expect(await contentOf(to)).toEqual(await contentOf(from))
})

test('nothing is moved from nowhere, onto itself, or among objects of others', async () => {
  for (const [none, code] of [
    ['~/objects', 'invalid_storage'],
    ['gs://bucket', 'invalid_storage'],
    [`file://${at('nowhere')}`, 'nothing_to_move'],
  ] as const)
    await expect(move(none, at('unmade')), none).rejects.toMatchObject({ code })
  await expect(move(at('nowhere'), at('unmade'))).rejects.toMatchObject({ code: 'nothing_to_move', status: 400 })
  expect([existsSync(at('nowhere')), existsSync(at('unmade'))]).toEqual([false, false])
  mkdirSync(at('empty'))
  await expect(move(at('empty'), at('unmade'))).rejects.toMatchObject({ code: 'nothing_to_move' })
  await filled(at('mine'))
  await expect(move(at('mine'), at('mine'))).rejects.toMatchObject({ code: 'nothing_to_move' })
  const other = await openStorage(at('other'), environment)
  await other.files.put('file-of-another', new Uint8Array(3))
  await expect(move(at('mine'), at('other'))).rejects.toMatchObject({ code: 'storage_not_empty', message: expect.stringContaining('files/file-of-another') })
  const marked = await openStorage(at('marked'), environment)
  await marked.mark.write('another-id')
  await expect(move(at('mine'), at('marked'))).rejects.toMatchObject({ code: 'storage_not_empty', message: expect.stringContaining('.weft-database') })
})

test('one place is one however it is spelled, and no storage is moved into itself', async () => {
  await filled(at('place'))
  symlinkSync(at('place'), at('linked'))
  for (const to of [`file://${at('place')}`, `${at('place')}/`, join(scratch, 'other', '..', 'place'), at('linked'), at('place/inside'), scratch])
    await expect(move(at('place'), to), to).rejects.toMatchObject({ code: 'nothing_to_move', message: expect.stringContaining('where it is') })
  expect(existsSync(at('place/inside'))).toBe(false)
})

test('a storage is moved by nobody while its database is served, nor for another database', async () => {
  await filled(at('served'))
  const held = await openDatabase(database, { onLost: () => {} })
  await expect(move(at('served'), at('nowhere yet'))).rejects.toMatchObject({ code: 'database_in_use' })
  await held.close()
  const other = at('other.sqlite')
  await (await openDatabase(other, { onLost: () => {} })).close()
  await expect(moveStorage({ database: other, from: at('served'), to: at('nowhere yet'), environment })).rejects.toMatchObject({
    code: 'storage_of_another_database',
  })
  await expect(moveStorage({ database: at('none.sqlite'), from: at('served'), to: at('nowhere yet'), environment })).rejects.toMatchObject({
    code: 'nothing_to_move',
  })
  expect(existsSync(at('nowhere yet'))).toBe(false)
})

test('what is moved is only read', async () => {
  const from = at('read only')
  await filled(from)
  // What is made or removed in a folder changes its time.
  const times = () => ['', 'adapters', 'files', 'checkpoints'].map((part) => statSync(join(from, part)).mtimeMs)
  const before = times()
  await move(from, at('copied'))
  expect(times()).toEqual(before)
})

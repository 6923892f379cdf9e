import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LocalHub } from '../testing/local-hub.ts'
import { temporaryFolder, writeTinyModel } from '../testing/tiny-llama.ts'
import { downloadModel } from './hub.ts'
import { adaptersOf, deleteHubCopy, hubCopies } from './hub-copies.ts'

let hub: LocalHub
let endpoint: string
let cache: string
const download = (options = {}) => downloadModel('org/tiny', { cacheDir: cache, endpoint, attempts: 1, ...options })

beforeEach(async () => {
  hub = new LocalHub(writeTinyModel(temporaryFolder()))
  hub.revisions.set('refs/pr/1', hub.folder)
  endpoint = await hub.listen()
  cache = temporaryFolder()
})
afterEach(() => hub.close())

test('what is kept is listed with its size, whole or in part, and deleted by itself', async () => {
  const folder = await download()
  hub.cuts.set('model.safetensors', [5000, 0])
  await expect(download({ revision: 'refs/pr/1' })).rejects.toThrow()
  await download({ cacheDir: adaptersOf(cache) })
  const copies = hubCopies(cache)
  expect(copies).toMatchObject([
    { name: 'org/tiny', kind: 'model', path: folder, complete: true },
    { name: 'org/tiny@refs--pr--1', kind: 'model', complete: false },
    { name: 'org/tiny', kind: 'adapter', complete: true },
  ])
  expect(copies[1].bytes).toBeGreaterThan(5000)
  expect(copies[1].bytes).toBeLessThan(copies[0].bytes)
  expect(await deleteHubCopy(copies[0])).toBe(copies[0].bytes)
  expect(existsSync(folder)).toBe(false)
  expect(hubCopies(cache)).toEqual(copies.slice(1))
  for (const copy of copies.slice(1)) await deleteHubCopy(copy)
  expect(hubCopies(cache)).toEqual([])
  expect(existsSync(cache)).toBe(true)
  expect(existsSync(join(cache, 'org--tiny'))).toBe(false)
})

test("others' files and links are neither listed nor deleted, nor what is being fetched", async () => {
  const folder = await download()
  const elsewhere = temporaryFolder()
  writeFileSync(join(elsewhere, 'x.incomplete'), 'of another')
  mkdirSync(join(cache, 'my--photos', 'main'), { recursive: true })
  writeFileSync(join(cache, 'my--photos', 'main', 'a.jpg'), 'x')
  symlinkSync(elsewhere, join(cache, 'org--tiny', 'linked'))
  symlinkSync(elsewhere, join(folder, 'linked'))
  writeFileSync(join(folder, 'notes.txt'), 'mine')
  const [copy, ...more] = hubCopies(cache)
  expect(more).toEqual([])
  const lock = join(folder, '.fetching')
  writeFileSync(lock, JSON.stringify({ id: 'x', pid: process.pid, host: hostname() }))
  await expect(deleteHubCopy(copy)).rejects.toThrow(expect.objectContaining({ code: 'hub_copy_busy' }))
  // Of a process that is gone.
  writeFileSync(lock, JSON.stringify({ id: 'x', pid: 2 ** 22 + 1, host: hostname() }))
  await deleteHubCopy(copy)
  expect(readdirSync(folder).sort()).toEqual(['linked', 'notes.txt'])
  expect(readdirSync(elsewhere)).toEqual(['x.incomplete'])
  expect(hubCopies(cache)).toEqual([])
})

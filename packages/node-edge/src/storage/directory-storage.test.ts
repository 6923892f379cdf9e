import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openDirectory } from './directory-storage.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-directory-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const bytes = new Uint8Array([1])
const digest = 'sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a'

test('the last object of a folder takes the folder with it, and those above it, up to the storage itself', async () => {
  const folder = join(scratch, 'empty')
  const { checkpoints } = await openDirectory(folder)
  const names = () => readdirSync(join(folder, 'checkpoints'), { recursive: true }).sort()
  for (const key of ['job-a/1', 'job-a/2', 'job-b/deep/1']) await checkpoints.put(key, bytes, digest)
  await checkpoints.delete('job-a/1')
  expect(names()).toEqual(expect.arrayContaining([join('job-a', '2'), 'job-b']))
  await checkpoints.delete('job-a/2')
  await checkpoints.delete('job-a/2')
  expect(names()).toEqual(['job-b', join('job-b', 'deep'), join('job-b', 'deep', '1'), join('job-b', 'deep', '1.sha256')])
  await checkpoints.delete('job-b/deep/1')
  expect(names()).toEqual([])
  expect(existsSync(join(folder, 'checkpoints'))).toBe(true)
})

test('a folder that holds anything else stays', async () => {
  const folder = join(scratch, 'other')
  const { checkpoints } = await openDirectory(folder)
  await checkpoints.put('job/1', bytes)
  writeFileSync(join(folder, 'checkpoints', 'job', 'note'), 'mine')
  await checkpoints.delete('job/1')
  expect(readdirSync(join(folder, 'checkpoints', 'job'))).toEqual(['note'])
})

test('what is put while the last other one goes is there', async () => {
  const { checkpoints } = await openDirectory(join(scratch, 'race'))
  await Promise.all(
    Array.from({ length: 8 }, async (_, worker) => {
      for (let n = 0; n < 60; n++) {
        // Two to a folder: one comes as the other goes.
        const key = `job-${n}-${worker >> 1}/${worker & 1}`
        await checkpoints.put(key, bytes)
        expect([...(await checkpoints.get(key))!]).toEqual([...bytes])
        await checkpoints.delete(key)
      }
    }),
  )
  expect(await checkpoints.list('')).toEqual([])
})

test('what is listed while folders come and go is all', async () => {
  const folder = join(scratch, 'list')
  const { checkpoints } = await openDirectory(folder)
  await checkpoints.put('kept/1', bytes)
  let going = true
  const others = Promise.all(
    Array.from({ length: 8 }, async (_, other) => {
      for (let n = 0; n < 2000; n++) {
        const job = join(folder, 'checkpoints', `job-${other}-${n}`)
        await mkdir(job)
        await rmdir(job)
      }
    }),
  ).finally(() => (going = false))
  while (going) expect((await checkpoints.list('')).map(({ id }) => id)).toEqual(['kept/1'])
  await others
})

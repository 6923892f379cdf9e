import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadModel } from '@weft/model'
import { LocalHub } from '@weft/model/testing/local-hub'
import { temporaryFolder, writeTinyModel } from '@weft/model/testing/tiny-llama'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { typed } from '../../../test/typed.ts'
import { startOf } from '../../launcher/processes.ts'

let hub: LocalHub
let home: string
let state: string
beforeEach(async () => {
  home = temporaryFolder()
  state = join(home, 'state')
  mkdirSync(join(state, 'runner'), { recursive: true })
  hub = new LocalHub(writeTinyModel(temporaryFolder()))
  vi.stubEnv('HF_ENDPOINT', await hub.listen())
  vi.stubEnv('HOME', home)
  vi.stubEnv('WEFT_MODELS', join(home, 'models'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await hub.close()
})

const kept = async () => JSON.parse((await typed('models', '--pulled', '--state', state, '--json')).stdout) as { id: string; path: string; complete: boolean }[]

test('what was fetched without being pulled is listed beside what was, and deleted by its name', async () => {
  const { folder } = await loadModel('org/tiny')
  await loadModel('org/tiny', { stateDir: join(state, 'runner') })
  mkdirSync(join(home, 'models', 'org--half'), { recursive: true })
  writeFileSync(join(home, 'models', 'org--half', 'x.gguf.incomplete'), 'half')
  expect(await kept()).toEqual([
    { id: 'org/tiny', kind: 'fetched', of: 'model', path: folder, bytes: expect.any(Number), complete: true },
    expect.objectContaining({ id: 'org/tiny', path: join(state, 'runner', 'hub', 'org--tiny', 'main'), complete: true }),
    expect.objectContaining({ id: 'org--half', bytes: 4, complete: false }),
  ])
  const shown = await typed('models', '--pulled', '--state', state)
  expect(shown.stdout).toMatch(/also kept +size +what +where\norg\/tiny +.+ +model +.+\n.*\norg--half +4 B +model, in part/)
  expect(await typed('models', 'delete', 'org/other', '--state', state)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('there are org/tiny, org/tiny, org--half'),
  })
  expect(await typed('models', 'delete', 'org/tiny', '--state', state)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^org\/tiny is deleted \(/) })
  expect(existsSync(folder)).toBe(false)
  expect((await kept()).map(({ id }) => id)).toEqual(['org--half'])
  await typed('models', 'delete', 'org--half', '--state', state)
  expect(await kept()).toEqual([])
})

test('nothing of a state folder is deleted while a weft runs on it', async () => {
  const { folder } = await loadModel('org/tiny', { stateDir: join(state, 'runner') })
  const lock = join(state, 'lock')
  // Another process than this one, whose lock counts as its own.
  writeFileSync(lock, JSON.stringify({ pid: process.ppid, started: startOf(process.ppid), launch: 'x', model: '/another', url: 'http://127.0.0.1:9' }))
  expect(await typed('models', 'delete', 'org/tiny', '--state', state)).toMatchObject({ status: 1, stderr: expect.stringContaining('Stop that first') })
  expect(existsSync(folder)).toBe(true)
})

test('a folder that no pull made is no model, whatever its name', async () => {
  const mine = join(home, 'models', 'photos')
  mkdirSync(mine, { recursive: true })
  writeFileSync(join(mine, 'a.jpg'), 'x')
  expect(await typed('models', 'delete', 'photos', '--state', state)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Nothing was pulled under the name "photos"'),
  })
  expect(existsSync(join(mine, 'a.jpg'))).toBe(true)
})

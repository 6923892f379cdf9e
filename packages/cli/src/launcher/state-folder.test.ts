import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { LAUNCH_VARIABLE, processesOfLaunch, startOf } from './processes.ts'
import { runningOn, StateFolder } from './state-folder.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-state-'))
afterAll(() => rmSync(scratch, { recursive: true }))
let folders = 0
const folder = (): string => join(scratch, String(folders++))
const mode = (path: string): number => statSync(path).mode & 0o777

test('is locked while it is held, and nobody else may look in', async () => {
  const path = folder()
  const state = await StateFolder.take(path)
  expect(existsSync(join(path, 'lock'))).toBe(true)
  for (const part of ['', 'edge', 'logs', 'runner']) expect(mode(join(path, part)), part).toBe(0o700)
  expect(mode(join(path, 'lock'))).toBe(0o600)
  state[Symbol.dispose]()
  expect(existsSync(join(path, 'lock'))).toBe(false)
  ;(await StateFolder.take(path))[Symbol.dispose]()
})

test('a state of an earlier version is closed; a folder that holds other things keeps its mode', async () => {
  const [earlier, other, keyed] = [folder(), folder(), folder()]
  mkdirSync(keyed, { mode: 0o755 })
  writeFileSync(join(keyed, 'key'), '')
  mkdirSync(join(earlier, 'edge'), { recursive: true, mode: 0o755 })
  mkdirSync(other, { mode: 0o755 })
  writeFileSync(join(other, 'notes'), '')
  for (const path of [earlier, other, keyed]) (await StateFolder.take(path))[Symbol.dispose]()
  expect([mode(earlier), mode(join(earlier, 'edge'))]).toEqual([0o700, 0o700])
  expect(mode(keyed)).toBe(0o700)
  expect([mode(other), mode(join(other, 'edge'))]).toEqual([0o755, 0o700])
})

test('a lock whose process runs is respected', async () => {
  const path = folder()
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  mkdirSync(path)
  writeFileSync(join(path, 'lock'), JSON.stringify({ pid: other.pid, started: startOf(other.pid!), launch: 'x' }))
  await expect(StateFolder.take(path)).rejects.toMatchObject({ code: 'state_in_use', message: expect.stringContaining(`process ${other.pid}`) })
  other.kill()
})

test('so is one that is still being written', async () => {
  const path = folder()
  mkdirSync(path)
  writeFileSync(join(path, 'lock'), '')
  const taken = StateFolder.take(path)
  writeFileSync(join(path, 'lock'), JSON.stringify({ pid: process.ppid, started: startOf(process.ppid), launch: 'x' }))
  await expect(taken).rejects.toMatchObject({ code: 'state_in_use' })
  // Whoever wrote it was killed before it said anything.
  writeFileSync(join(path, 'lock'), '')
  ;(await StateFolder.take(path))[Symbol.dispose]()
})

test('of several starts that find the lock of one that is gone, one takes it over', async () => {
  const path = folder()
  mkdirSync(path)
  writeFileSync(join(path, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, started: '1', launch: 'gone' }))
  const starts = await Promise.allSettled([StateFolder.take(path), StateFolder.take(path), StateFolder.take(path)])
  expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
  for (const start of starts) if (start.status === 'fulfilled') start.value[Symbol.dispose]()
  expect(existsSync(join(path, 'lock'))).toBe(false)
})

test('a lock whose process is gone, or whose number belongs to another process by now, is taken over', async () => {
  const gone = spawn(process.execPath, ['-e', ''])
  const started = startOf(gone.pid!)
  await new Promise((resolve) => gone.on('exit', resolve))
  for (const lock of [
    { pid: gone.pid, started, launch: 'x' },
    { pid: 1, started: 'another day', launch: 'x' },
    { pid: 1, groups: [1] },
  ]) {
    const path = folder()
    mkdirSync(path)
    writeFileSync(join(path, 'lock'), JSON.stringify(lock))
    using state = await StateFolder.take(path)
    expect(JSON.parse(readFileSync(join(path, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid, launch: state.launch })
  }
})

test('what a killed launcher left running is ended, and nothing else', async () => {
  const path = folder()
  const launch = 'a-launch-that-was-killed'
  const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')"
  const start = (mark: string) =>
    spawn(process.execPath, ['-e', stubborn], { env: { ...process.env, [LAUNCH_VARIABLE]: mark }, stdio: ['ignore', 'pipe', 'ignore'] })
  const [orphan, bystander] = [start(launch), start(`${launch}-not`)]
  await Promise.all([orphan, bystander].map(({ stdout }) => new Promise((resolve) => stdout!.once('data', resolve))))
  expect(processesOfLaunch(launch)).toEqual([orphan.pid])
  mkdirSync(path)
  writeFileSync(join(path, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, started: '1', launch }))
  using _state = await StateFolder.take(path)
  expect(processesOfLaunch(launch)).toEqual([])
  expect(startOf(bystander.pid!)).toBeDefined()
  bystander.kill('SIGKILL')
})

test('a folder that cannot be written is named, and so is a file in its place', async () => {
  const file = join(folder())
  writeFileSync(file, '')
  await expect(StateFolder.take(file)).rejects.toMatchObject({ code: 'state_is_file', message: expect.stringContaining(file) })
  await expect(StateFolder.take(join(file, 'state'))).rejects.toMatchObject({ code: 'state_unwritable', message: expect.stringContaining('--state') })
})

test('what a running weft serves and where it listens can be found, and is gone with it', async () => {
  const path = folder()
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  mkdirSync(path)
  writeFileSync(
    join(path, 'lock'),
    JSON.stringify({ pid: other.pid, started: startOf(other.pid!), launch: 'x', model: '/models/tiny', url: 'http://127.0.0.1:9000' }),
  )
  expect(runningOn(path)).toEqual({ model: '/models/tiny', url: 'http://127.0.0.1:9000' })
  const ended = new Promise((resolve) => other.on('exit', resolve))
  other.kill()
  await ended
  expect(runningOn(path)).toEqual({})
  expect(runningOn(folder())).toEqual({})
})

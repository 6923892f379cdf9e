import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { groupAlive } from './process-group.ts'
import { Supervised, type Watcher } from './supervised.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-supervised-'))

const watch = (script: string, name: string) => {
  const pids: number[] = []
  const lines: string[] = []
  const restarts: { how: string; delayMs: number }[] = []
  const givenUp: (string | undefined)[] = []
  const watcher: Watcher = {
    onLine: (line) => lines.push(line),
    onRestart: (_, how, delayMs) => restarts.push({ how, delayMs }),
    onGivenUp: (name, reason) => givenUp.push(name, reason),
    onStart: (_, pid) => pids.push(pid),
  }
  const log = join(folder, `${name}.log`)
  const show = (line: string): string | undefined => (line.startsWith('show') ? line : undefined)
  const child = new Supervised({ name, args: ['-e', script], env: process.env, cwd: folder, log, show, reason: () => 'it says why' }, watcher).start()
  const come = async (condition: () => boolean): Promise<void> => {
    for (let i = 0; i < 400 && !condition(); i++) await sleep(25)
  }
  return { child, pids, lines, restarts, givenUp, log, come }
}

test('starts a child again when it dies, ever later, and only shows what is to be seen', async () => {
  const { child, pids, lines, restarts, log, come } = watch("console.log('show this'); console.log('log that'); process.exit(3)", 'dies')
  await come(() => restarts.length >= 3)
  await child.stop(100)
  expect(restarts.slice(0, 3)).toEqual([250, 500, 1000].map((delayMs) => ({ how: 'exit code 3', delayMs })))
  expect(new Set(pids).size).toBe(pids.length)
  expect(lines.every((line) => line === 'show this')).toBe(true)
  expect(readFileSync(log, 'utf8')).toContain('log that')
})

test('a child that will not end is ended, with what it started', async () => {
  const grandchild = "require('child_process').spawn(process.execPath, ['-e', 'process.on(`SIGTERM`, () => {}); setInterval(() => {}, 1000)'])"
  const { child, pids, lines, restarts, come } = watch(
    `process.on('SIGTERM', () => {}); ${grandchild}; console.log('show up'); setInterval(() => {}, 1000)`,
    'hangs',
  )
  await come(() => lines.length > 0)
  expect(groupAlive(pids[0])).toBe(true)
  await child.stop(100)
  expect(groupAlive(pids[0])).toBe(false)
  expect(restarts).toEqual([])
})

test('a child that was asked wrongly is not asked again', async () => {
  const { child, pids, givenUp, restarts, come } = watch('process.exit(2)', 'refuses')
  await come(() => givenUp.length > 0)
  await child.stop(100)
  expect({ givenUp, restarts, starts: pids.length }).toEqual({ givenUp: ['refuses', 'it says why'], restarts: [], starts: 1 })
})

test('a log that cannot be written ends nothing: the child goes on and is watched', async () => {
  // A folder lies where the log should be.
  mkdirSync(join(folder, 'blocked.log'))
  const { child, lines, restarts, come } = watch("console.log('show this'); setInterval(() => {}, 1000)", 'blocked')
  await come(() => lines.length > 0)
  expect({ lines, restarts }).toEqual({ lines: ['show this'], restarts: [] })
  await child.stop(100)
})

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { StateFolder } from './state-folder.ts'

const folder = (): string => mkdtempSync(join(tmpdir(), 'weft-state-'))

test('is locked while it is held', () => {
  const path = folder()
  const state = new StateFolder(path)
  expect(existsSync(join(path, 'lock'))).toBe(true)
  state[Symbol.dispose]()
  expect(existsSync(join(path, 'lock'))).toBe(false)
  new StateFolder(path)[Symbol.dispose]()
})

test('a lock whose process is gone is taken over', async () => {
  const path = folder()
  const gone = spawn(process.execPath, ['-e', ''])
  await new Promise((resolve) => gone.on('exit', resolve))
  writeFileSync(join(path, 'lock'), JSON.stringify({ pid: gone.pid, groups: [] }))
  using state = new StateFolder(path)
  expect(state.log('runner')).toBe(join(path, 'logs', 'runner.log'))
})

test('a lock whose process number belongs to another program by now is taken over', () => {
  const path = folder()
  writeFileSync(join(path, 'lock'), JSON.stringify({ pid: 1, groups: [1] }))
  if (!existsSync('/proc/self/cmdline')) return
  using state = new StateFolder(path)
  expect(state.path).toBe(path)
})

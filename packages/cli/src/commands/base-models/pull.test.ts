import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeTinyGguf } from '@weft/model/testing/tiny-gguf'
import { expect, test } from 'vitest'
import { startOf } from '../../launcher/processes.ts'

const bin = join(import.meta.dirname, '..', '..', '..', 'bin', 'weft.mjs')
const nowhere = 'http://127.0.0.1:9'

test('a GGUF is pulled from a file, listed apart from what is served, and found by its name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-pull-'))
  const env = { ...process.env, WEFT_MODELS: join(folder, 'models'), HOME: folder }
  const weft = (...args: string[]) => spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env })
  const file = writeTinyGguf(join(folder, 'tiny.gguf'))

  expect(weft('models', '--pulled').stdout).toContain('weft pull smollm2-135m')
  const pulled = weft('pull', file, '--json')
  expect(pulled).toMatchObject({ status: 0, stderr: '' })
  const record = JSON.parse(pulled.stdout)
  expect(record).toMatchObject({
    id: 'tiny',
    kind: 'pulled',
    source: file,
    bytes: readFileSync(file).length,
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  expect(existsSync(record.path)).toBe(true)
  expect(weft('pull', file).stdout).toContain('npx weft dev --model tiny')

  // No server runs: that is said, and the pulled models are listed.
  const listed = weft('models', '--url', nowhere)
  expect(listed).toMatchObject({ status: 0, stderr: expect.stringContaining(`Nothing answers at ${nowhere}, so no served models are listed. --url`) })
  expect(listed.stdout).toMatch(/^model +kind +composition\n\npulled \(for --model\) +size +from\ntiny /)
  expect(JSON.parse(weft('models', '--url', nowhere, '--json').stdout)).toEqual([expect.objectContaining({ id: 'tiny', kind: 'pulled' })])

  expect(weft('models', 'rm', 'tinny', '--state', join(folder, 'state'))).toMatchObject({ status: 2, stderr: expect.stringContaining('there are tiny.') })
  const state = join(folder, 'state')
  mkdirSync(state)
  writeFileSync(join(state, 'lock'), JSON.stringify({ pid: process.pid, started: startOf(process.pid), launch: 'x', model: 'tiny' }))
  expect(weft('models', 'delete', 'tiny', '--state', state)).toMatchObject({ status: 1, stderr: expect.stringContaining('Stop that first') })
  expect(JSON.parse(weft('models', 'delete', 'tiny', '--json').stdout)).toMatchObject({ id: 'tiny', deleted: true, bytes: expect.any(Number) })
  expect(existsSync(record.path)).toBe(false)
  expect(weft('models', '--pulled').stdout).toContain('No models were pulled')

  const refused = weft('pull', 'nonsense', '--json')
  expect(refused.status).toBe(2)
  expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'not_pullable' } })
}, 120_000)

import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bin, nowhere } from './typed.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-places-'))
const weft = (args: string[], variables: Record<string, string>): string =>
  spawnSync(process.execPath, [bin, ...args], { env: { ...process.env, ...variables }, encoding: 'utf8', timeout: 60_000 }).stderr

test('every command reads the configuration that WEFT_CONFIG names', () => {
  const missing = join(folder, 'none.config.ts')
  for (const args of [['methods'], ['serve', '--port', '0'], ['dev', '--no-demo']]) expect(weft(args, { WEFT_CONFIG: missing }), args[0]).toContain(missing)
})

test('what weft serve is given no place for lies in the state folder that WEFT_STATE names', () => {
  // A file where the folder would be ends the start, and the error says where that is.
  writeFileSync(join(folder, 'serve'), '')
  expect(weft(['serve', '--port', '0', '--no-console'], { WEFT_STATE: folder, RUNNER_URL: nowhere })).toContain(join(folder, 'serve'))
})

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { bin } from './typed.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-configuration-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['process.exit(0)', []],
  ['await new Promise(() => {})', ['--json']],
] as const)('a configuration with %s is told, and is no command that is done', (source, json) => {
  const config = join(folder, 'weft.config.ts')
  writeFileSync(config, `${source}\nexport default {}\n`)
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'methods', 'check', 'lora', '--config', config, ...json], { encoding: 'utf8' })
  const said = `The configuration ${config} cannot be read: the process ended before that was read;`
  expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: expect.stringContaining(said) })
  if (json.length > 0) expect(JSON.parse(stderr.split('\n').find((line) => line.startsWith('{'))!)).toMatchObject({ error: { code: 'invalid_config' } })
})

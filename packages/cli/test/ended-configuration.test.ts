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

test.each([
  ['a timer', "setTimeout(() => { throw new Error('boom') }, 10)"],
  ['a promise that nobody awaits', "Promise.reject(new Error('boom'))"],
])('what %s throws while it is read is told as that, and nobody is said to have called process.exit', (_, source) => {
  const config = join(folder, 'weft.config.ts')
  writeFileSync(config, `${source}\nawait new Promise((resolve) => setTimeout(resolve, 5000))\nexport default {}\n`)
  const { status, stderr } = spawnSync(process.execPath, [bin, 'methods', 'check', 'lora', '--config', config], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(`The configuration ${config}:1 cannot be read: boom`) })
  expect(stderr).not.toContain('process.exit')
})

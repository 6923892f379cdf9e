import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TemporaryFolder } from './temporary-folder.ts'

test('a temporary folder goes with what holds it', () => {
  let path: string
  {
    using folder = new TemporaryFolder('bench-test')
    path = folder.path
    writeFileSync(join(path, 'file'), '')
  }
  expect(existsSync(path)).toBe(false)
})

test.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)('and with %s, of which the process dies all the same', async (signal) => {
  const program = `
    import { TemporaryFolder } from ${JSON.stringify(import.meta.resolve('./temporary-folder.ts'))}
    const folders = [new TemporaryFolder('bench-test'), new TemporaryFolder('bench-test')]
    console.log(JSON.stringify(folders.map(({ path }) => path)))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const [paths] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
  const folders = JSON.parse(paths) as string[]
  expect(folders.map((path) => existsSync(path))).toEqual([true, true])
  child.kill(signal)
  expect(await ended).toEqual([null, signal])
  expect(folders.map((path) => existsSync(path))).toEqual([false, false])
})

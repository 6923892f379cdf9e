import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { defaultConfig } from '../launcher/project.ts'
import { cacheIn, noCache } from './cache/start-cache.ts'
import { deploymentOf } from './deployment.ts'
import { loadWrangler } from './load-wrangler.ts'
import { rawConfigurationOf } from './raw-configuration.ts'
import { readWorkerOptions } from './read-worker-options.ts'

vi.mock('./load-wrangler.ts', { spy: true })

const scratch = mkdtempSync(join(tmpdir(), 'weft-options-'))
const state = (name: string): string => {
  mkdirSync(join(scratch, name))
  return join(scratch, name)
}
const asked = (): number => vi.mocked(loadWrangler).mock.calls.length

test('in every state folder they are what wrangler makes there, and wrangler is asked once', async () => {
  const folder = join(scratch, 'kept')
  const cache = cacheIn(folder)
  const [first, second] = [state('first'), state('second')]
  const there = await deploymentOf(defaultConfig, first, cache)
  const before = asked()
  const here = await deploymentOf(defaultConfig, second, cache)
  expect(asked()).toBe(before)
  const read = () => [readWorkerOptions(here), JSON.parse(readFileSync(here, 'utf8')) as object]
  const cachedOnes = read()
  await deploymentOf(defaultConfig, second, noCache)
  expect(asked()).toBeGreaterThan(before)
  expect(cachedOnes).toEqual(read())
  expect(cachedOnes).toEqual(JSON.parse(JSON.stringify([readWorkerOptions(there), JSON.parse(readFileSync(there, 'utf8'))]).replaceAll(first, second)))
  for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name), 'utf8')).not.toContain(first)
})

test('a state folder that has values of its own for wrangler is read by wrangler, and none of it is kept', async () => {
  const folder = join(scratch, 'kept-own')
  const own = state('own')
  writeFileSync(join(own, '.dev.vars'), 'RUNNER_URL=http://127.0.0.1:9')
  const options = readWorkerOptions(await deploymentOf(defaultConfig, own, cacheIn(folder)))
  expect(options.bindings).toMatchObject({ RUNNER_URL: 'http://127.0.0.1:9' })
  for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name), 'utf8')).not.toContain('127.0.0.1:9"')
})

test('an edited wrangler.toml is read anew', async () => {
  const cache = cacheIn(join(scratch, 'kept-toml'))
  const file = join(scratch, 'wrangler.toml')
  for (const name of ['one', 'two', 'one']) {
    writeFileSync(file, `name = "${name}"`)
    expect(await rawConfigurationOf(file, cache)).toEqual({ name })
  }
})

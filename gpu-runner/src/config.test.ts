import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type RunnerConfig, readRunnerConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

mkdirSync(join(folder, 'models/tiny'), { recursive: true })
const file = join(folder, 'weft.config.ts')
writeFileSync(
  file,
  `import lora from ${JSON.stringify(import.meta.resolve('@weft/plugins/lora'))}
export default {
  models: { base: { path: 'models/tiny' }, bundled: { path: '@weft/base-model' }, remote: { hub: 'org/name', revision: 'v2' } },
  plugins: [{ ...lora, id: 'mine' }],
  runner: { device: 'cpu', threads: 3, slots: 5 },
}`,
)

const read = async (args: string[], env = {}) => (await readRunnerConfig(args, env)) as RunnerConfig

test("the config file names models, plugins and the runner's settings", async () => {
  const config = await read(['--config', file])
  expect(config.models).toEqual({
    base: { source: join(folder, 'models/tiny') },
    bundled: { source: '@weft/base-model' },
    remote: { source: 'org/name', revision: 'v2' },
  })
  expect(config).toMatchObject({ plugins: [{ id: 'mine' }], device: 'cpu', threads: 3, maxBatch: 5, host: '127.0.0.1' })
})

test('arguments win over the file, and the environment holds the token', async () => {
  const config = await read(['--config', file, '--model', 'here', '--model', 'big=org/big', '--device', 'webgpu', '--threads', '2', '--port', '0'], {
    WEFT_RUNNER_TOKEN: 'secret',
    WEFT_LOG_LEVEL: 'debug',
  })
  expect(config.models).toEqual({ base: { source: 'here' }, big: { source: 'org/big' } })
  expect(config).toMatchObject({ device: 'webgpu', threads: 2, port: 0, token: 'secret', logLevel: 'debug' })
})

test.each([
  [['--port', 'none', '--model', 'x'], /port/],
  [['--device', 'tpu', '--model', 'x'], /device/],
  [['--threads', '0', '--model', 'x'], /threads/],
  [[], /at least one model/],
  [['--what'], /--what/],
  [['--config', join(folder, 'missing.ts')], /could not be loaded/],
])('%j is refused by name', async (args, message) => {
  await expect(readRunnerConfig(args, {})).rejects.toThrow(message)
})

test.each([
  ['a plain object', ''],
  ['defineConfig', 'defineConfig'],
])('what a file says wrongly is told with the file and the field: %s', async (_, by) => {
  const refusal = async (fields: string): Promise<string> => {
    const wrong = join(mkdtempSync(join(folder, 'wrong-')), 'weft.config.ts')
    writeFileSync(
      wrong,
      `import { defineConfig } from ${JSON.stringify(import.meta.resolve('@weft/protocol'))}
export default ${by}({ models: {}, plugins: [], ${fields} })`,
    )
    const { message } = (await readRunnerConfig(['--config', wrong, '--model', 'x'], {}).catch((error: Error) => error as Error)) as Error
    expect(message).toContain(`The runner's configuration: ${wrong}: `)
    return message.split('weft.config.ts: ')[1]!
  }
  expect(await refusal("runner: { slots: 'many' }")).toMatch(/^runner\.slots: expected a whole number, got "many"/)
  expect(await refusal('routs: {}')).toMatch(/^routs: unknown field "routs"; did you mean "routes"/)
})

test.each([
  ['process.exit()', 'calls process.exit'],
  ['await new Promise(() => {})', 'awaits what never comes'],
  ["setTimeout(() => { throw new Error('at nobody') })\nawait new Promise((resolve) => setTimeout(resolve, 1000))", 'could not be loaded: at nobody'],
])('a file that ends the process is told, and is a wrong one: %s', (text, message) => {
  const ending = join(mkdtempSync(join(folder, 'ending-')), 'weft.config.ts')
  writeFileSync(ending, text)
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), '--config', ending], { encoding: 'utf8' })
  expect(stderr).toContain(`The runner's configuration: ${ending} `)
  expect(stderr).toContain(message)
  expect(status).toBe(2)
})

test('--help is for people', async () => expect(await readRunnerConfig(['--help'], {})).toEqual({ help: expect.stringContaining('Usage:') }))

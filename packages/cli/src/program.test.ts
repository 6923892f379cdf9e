import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { main } from './main.ts'
import { program } from './program.ts'

const bin = join(import.meta.dirname, '..', 'bin', 'weft.mjs')
/** Nothing listens there. */
const nowhere = 'http://127.0.0.1:9'

/** One command line, in this process: what it printed and its exit code. */
const weft = async (...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> => {
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += String(text)
      return true
    })
  process.exitCode = 0
  await main([process.execPath, bin, ...args])
  const status = Number(process.exitCode)
  vi.restoreAllMocks()
  process.exitCode = 0
  return { status, ...printed }
}
afterEach(() => {
  process.exitCode = 0
})

const everyCommand = (): string[][] =>
  program().commands.flatMap((command) => (command.commands.length === 0 ? [[command.name()]] : command.commands.map((sub) => [command.name(), sub.name()])))

test('every command has help, and --json', () => {
  expect(everyCommand().map((path) => path[0])).toEqual(
    expect.arrayContaining([
      'dev',
      'pull',
      'train',
      'publish',
      'run',
      'classify',
      'score',
      'embed',
      'models',
      'methods',
      'routes',
      'files',
      'explain',
      'calibrate',
      'interfere',
      'adapters',
      'jobs',
      'import',
      'export',
      'verify-peft',
      'bench',
    ]),
  )
  for (const path of everyCommand()) {
    const command = path.reduce((at, name) => at.commands.find((sub) => sub.name() === name)!, program())
    const help = command.helpInformation()
    expect(help, path.join(' ')).toContain('--json')
    expect(command.description(), path.join(' ')).not.toBe('')
  }
})

test.each([
  ['an unknown command', ['frobnicate'], 'unknown command'],
  ['a missing argument', ['run', '--url', nowhere], "missing required argument 'expression'"],
  ['neither file nor text', ['publish', '--name', 'a/b'], 'either an adapter file or --text'],
  ['a missing option', ['publish', 'x.safetensors'], "required option '--name <name>'"],
  ['no number', ['train', 'x', '--name', 'a/b', '--method', 'm', '--steps', 'many'], 'whole number of at least 1'],
  ['a number out of range', ['run', 'base', 'hi', '--temperature', '9'], 'a number from 0 to 2'],
  ['no such device', ['dev', '--device', 'abacus'], 'Allowed choices are auto, cpu, cuda, webgpu'],
  ['no KEY=VALUE', ['train', 'x', '--name', 'a/b', '--method', 'm', '--set', 'tokens'], 'expected KEY=VALUE'],
  ['a file that is not there', ['train', 'no-such.jsonl', '--name', 'a/b', '--method', 'm', '--url', nowhere], 'There is no file no-such.jsonl'],
  ['a regular expression that is none', ['verify-peft', '.', '--only', '('], '--only'],
  ['neither name nor file', ['import', '.'], 'either --name'],
  ['a file of texts that is not there', ['classify', 'a/b', '--file', 'no-such.txt', '--url', nowhere], 'There is no file no-such.txt'],
])('asked wrongly, exit 2: %s', async (_, args, message) => {
  const { status, stderr, stdout } = await weft(...args)
  expect(stderr).toContain(message)
  // One line, and nothing after it.
  expect(stderr).toMatch(/^weft: [^\n]+\n$/)
  expect(stdout).toBe('')
  expect(status).toBe(2)
})

test('asked wrongly with --json: the error is JSON, with its code', async () => {
  const { status, stderr } = await weft('publish', 'x.safetensors', '--json')
  expect(status).toBe(2)
  expect(JSON.parse(stderr)).toEqual({ error: { code: 'usage', message: "required option '--name <name>' not specified (weft publish --help says more)" } })
  expect((await weft('trian')).stderr).toBe("weft: unknown command 'trian' (Did you mean train?) (weft --help says more)\n")
})

test('a command without its subcommand prints what there is', async () => {
  expect(await weft('bench')).toMatchObject({ status: 2, stderr: expect.stringContaining('Commands:') })
})

test('a failure is exit 1, with what to do; in JSON when asked', async () => {
  const told = await weft('adapters', '--url', nowhere)
  expect(told.status).toBe(1)
  expect(told.stderr).toContain('npm start')
  const json = await weft('run', 'base', 'hi', '--url', nowhere, '--json')
  expect(json.status).toBe(1)
  expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'edge_unreachable' } })
})

test('help and version are no errors', async () => {
  expect(await weft('--version')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  expect(await weft('bench', 'train', '--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--virtual-tokens') })
})

test('a configuration without plugins is refused by name', async () => {
  const config = join(mkdtempSync(join(tmpdir(), 'weft-config-')), 'weft.config.mjs')
  writeFileSync(config, 'export default {}')
  const { status, stderr } = await weft('import', '.', '--out', 'x', '--config', config)
  expect(stderr).toContain('defineConfig')
  expect(status).toBe(1)
})

const older = ['/usr/local/bin/node', '/usr/bin/node'].find((node) => {
  const [major, minor] = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout?.split('.').map(Number) ?? []
  return major !== undefined && (major < 22 || (major === 22 && minor < 18))
})

test.skipIf(!older || !existsSync(join(import.meta.dirname, '../../../node_modules/node/bin/node')))(
  'an older Node hands over to the one that came with the packages',
  () => {
    expect(spawnSync(older!, [bin, '--version'], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
    expect(spawnSync(older!, [bin, 'frobnicate'], { encoding: 'utf8' }).status).toBe(2)
  },
)

test('methods are those of the configuration', async () => {
  const { status, stdout } = await weft('methods', '--json')
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toContainEqual({ id: 'prompt-tuning', sites: ['inputsEmbeds'], tasks: expect.any(Array) })
  expect((await weft('methods')).stdout).toMatch(/^method +acts at +tasks\n/)
})

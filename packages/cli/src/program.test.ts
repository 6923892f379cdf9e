import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, afterEach, expect, test } from 'vitest'
import { bin, nowhere, typed as weft } from '../test/typed.ts'
import { toldToCommands } from './connection.ts'
import { findState } from './launcher/local-key.ts'
import { startOf } from './launcher/processes.ts'
import { withNegativeStrengths } from './negative-strengths.ts'
import { program } from './program.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-program-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** A file to name with --config. */
const configuration = (name: string, text: string): string => {
  writeFileSync(join(scratch, name), text)
  return join(scratch, name)
}

afterEach(() => {
  process.exitCode = 0
})

const everyCommand = (): string[][] =>
  program().commands.flatMap((command) => (command.commands.length === 0 ? [[command.name()]] : command.commands.map((sub) => [command.name(), sub.name()])))

test.each([['-1*tone/formal'], ['-.5*tone/formal + base'], ['-2e-1*(a + b)']])('%s is an expression, not an option', async (expression) => {
  // Asked of an edge that is not there: the command line was read.
  for (const line of [
    ['run', expression, 'Dear'],
    ['explain', expression],
    ['score', expression, 'Dear'],
  ])
    expect((await weft(...line, '--url', nowhere)).stderr, line.join(' ')).toContain('Nothing answers')
  expect((await weft('run', '-x', expression)).status).toBe(2)
  // What begins like one reaches the command as it was written.
  let given: unknown
  const command = new Command('t')
    .argument('<a>')
    .argument('[b...]')
    .option('--stop <text...>')
    .action((...all) => {
      given = all.slice(0, 3)
    })
  const words = withNegativeStrengths(command, [expression, '-3*4 is', 'x', '--stop', '-1*', 'y'])
  await command.parseAsync(words, { from: 'user' })
  expect(given).toEqual([expression, ['-3*4 is', 'x'], { stop: ['-1*', 'y'] }])
})

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
      'policy',
      'usage',
      'files',
      'explain',
      'calibrate',
      'interfere',
      'adapters',
      'jobs',
      'import',
      'export',
      'verify-peft',
      'keys',
      'shares',
      'audit',
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

test('a command without its subcommand prints what there is', async () => {
  expect(await weft('bench')).toMatchObject({ status: 2, stderr: expect.stringContaining('Commands:') })
})

test('a start says what commands need to find it, where they would ask elsewhere', () => {
  expect(toldToCommands('http://127.0.0.1:8787')).toBe('')
  expect(toldToCommands('http://127.0.0.1:9000')).toMatch(/export WEFT_URL=http:\/\/127\.0\.0\.1:9000$/)
  // The key is the state folder's: with that of another, all that is asked is refused.
  expect(toldToCommands('http://127.0.0.1:8787', findState())).toBe('')
  expect(toldToCommands('http://127.0.0.1:8787', '/srv/weft')).toMatch(/: export WEFT_STATE=\/srv\/weft$/)
  // At whatever port it is found by its state folder.
  expect(toldToCommands('http://127.0.0.1:9000', findState())).toBe('')
  expect(toldToCommands('http://127.0.0.1:9000', "/srv/a b's")).toMatch(/: export WEFT_STATE='\/srv\/a b'\\''s'$/)
})

test('a command asks where the weft of its state folder runs, and says where it does where it was told otherwise', async () => {
  const running = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const state = join(scratch, 'running')
  mkdirSync(state)
  // Nothing listens there.
  writeFileSync(join(state, 'lock'), JSON.stringify({ pid: running.pid, started: startOf(running.pid!), launch: 'x', url: 'http://127.0.0.1:7' }))
  expect((await weft('adapters', '--state', state)).stderr).toMatch(/^weft: Nothing answers at http:\/\/127\.0\.0\.1:7\./)
  expect((await weft('adapters', '--state', state, '--url', nowhere)).stderr).toMatch(
    /^weft: Nothing answers at http:\/\/127\.0\.0\.1:9\. .+ The one that runs here listens at http:\/\/127\.0\.0\.1:7\./,
  )
  const ended = new Promise((resolve) => running.on('exit', resolve))
  running.kill()
  await ended
  expect((await weft('adapters', '--state', state)).stderr).not.toContain('http://127.0.0.1:7')
  // What ran there and is stopped is told of, at the port that it had.
  writeFileSync(join(state, 'last-url'), 'http://127.0.0.1:7')
  expect((await weft('adapters', '--state', state, '--url', nowhere)).stderr).toMatch(
    /^weft: Nothing answers at http:\/\/127\.0\.0\.1:9\. .+ The one of this state folder listened at http:\/\/127\.0\.0\.1:7, and is stopped\./,
  )
})

test('a failure is exit 1, with what to do; in JSON when asked', async () => {
  const told = await weft('adapters', '--url', nowhere)
  expect(told.status).toBe(1)
  expect(told.stderr).toMatch(/npx weft dev[^\n]+--url or WEFT_URL\.\n$/)
  const json = await weft('run', 'base', 'hi', '--url', nowhere, '--json')
  expect(json.status).toBe(1)
  expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'edge_unreachable' } })
})

// In a process of its own: here the test runner reads modules, and not Node.
test.each([
  ['bad.ts', 'export default {\n  plugins: [\n}\n', 'bad.ts:3 cannot be read: Expression expected'],
  ['enum.ts', 'enum A { B }\n', 'enum.ts:1 cannot be read: TypeScript enum is not supported'],
  ['bad.mjs', 'export default [', 'bad.mjs:1 cannot be read: Unexpected end of input'],
  ['imports-bad.ts', "import './index.ts'\n", 'imports-bad.ts cannot be read: @index.ts:3, which it imports: Expected'],
  ['imports-bad.mjs', "import './index.mjs'\n", "imports-bad.mjs cannot be read: @index.mjs:3, which it imports: Unexpected token '{'"],
  ['imports-lost.ts', "import './lost.ts'\n", 'imports-lost.ts cannot be read: @lost.ts:2, which it imports: g is not defined'],
])('a configuration that is no code is refused with its name: %s', (name, text, message) => {
  const plugin = '\nexport default {\n  encode: (g) { return g },\n}\n'
  for (const module of ['index.ts', 'index.mjs']) configuration(module, plugin)
  configuration('lost.ts', '\nexport const mine = g.nope\n')
  const { status, stderr } = spawnSync(process.execPath, [bin, 'methods', '--config', configuration(name, text)], { encoding: 'utf8' })
  expect(stderr).toContain(message.replace('@', join(scratch, '/')))
  expect(stderr).toMatch(/^weft: [^\n]+\n$/)
  expect(status).toBe(2)
})

test.skipIf(process.platform === 'win32')('a reader that has gone ends it quietly; a full disk with one line', () => {
  const shell = (line: string) => spawnSync('sh', ['-c', line, 'sh', process.execPath, bin], { encoding: 'utf8' })
  expect(shell('{ "$1" "$2" methods --json; echo "exit $?" >&2; } | true')).toMatchObject({ stderr: 'exit 0\n' })
  expect(shell('{ "$1" "$2" --help; echo "exit $?" >&2; } | true')).toMatchObject({ stderr: 'exit 0\n' })
  // Errors too.
  expect(shell('{ "$1" "$2" frobnicate; echo "exit $?"; } 2>&1 >&3 3>&- | true')).toMatchObject({ stderr: expect.not.stringContaining('at ') })
  if (existsSync('/dev/full'))
    expect(shell('"$1" "$2" methods --json > /dev/full')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^weft: The output could not be written \(ENOSPC[^\n]+\n$/),
    })
})

test('commands that are shown as examples can be typed', () => {
  for (const path of everyCommand()) {
    const command = path.reduce((at, name) => at.commands.find((sub) => sub.name() === name)!, program())
    let help = ''
    command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp()
    expect(help.match(/^ +weft .*/gm) ?? [], path.join(' ')).toEqual([])
    const example = /Example:\n +npx weft (.+)/.exec(help)?.[1]
    const required = command.options.filter(({ mandatory }) => mandatory).map(({ long }) => long)
    if (example !== undefined) for (const option of required) expect(example, path.join(' ')).toContain(option)
  }
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
  expect(status).toBe(2)
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
  expect(JSON.parse(stdout)).toContainEqual({
    id: 'prompt-tuning',
    sites: ['inputsEmbeds'],
    tasks: expect.any(Array),
    hyperparameters: expect.objectContaining({ learning_rate: 0.03, batch_size: 8 }),
  })
  expect((await weft('methods')).stdout).toMatch(/^method +acts at +learning rate +tasks\n/)
})

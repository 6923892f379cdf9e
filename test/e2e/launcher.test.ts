import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { WeftClient } from '@weft/client'
import { afterAll, afterEach, expect, test } from 'vitest'
import { tinyModel } from './tiny-model.ts'
import { commandLine, descendants, freePort, leftOf, olderNode, root, runnerOf, startWeft, until, type WeftProcess, weftBin } from './weft-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-launcher-'))
const model = tinyModel(join(folder, 'model'))
const started: WeftProcess[] = []

const start = async (state: string, port?: number, program?: readonly [string, ...string[]], env?: NodeJS.ProcessEnv): Promise<WeftProcess> => {
  const weft = startWeft(port ?? (await freePort()), ['--no-demo', '--model', model, '--state', join(folder, state)], program, env)
  started.push(weft)
  return weft
}

afterEach(async () => {
  // npm takes SIGINT for a terminal's, which all get: it hands on this one.
  for (const weft of started.splice(0)) if (weft.child.kill('SIGTERM')) await weft.exited
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.skipIf(!existsSync('/proc/self'))('answers, starts a killed runner again, and leaves nothing behind on Ctrl-C', async () => {
  const [home, temporary] = ['home', 'tmp'].map((name) => join(folder, name))
  for (const each of [home!, temporary!]) mkdirSync(each)
  const weft = await start('one', undefined, undefined, { HOME: home, XDG_CONFIG_HOME: '', XDG_CACHE_HOME: '', TMPDIR: temporary })
  await weft.event('ready')
  expect((await fetch(`${weft.url}/health`)).status).toBe(200)
  expect(await weft.event('runner')).toMatchObject({ models: ['base'], device: { name: 'cpu' } })
  const client = new WeftClient({ baseUrl: weft.url, apiKey: weft.key() })
  const answer = async (): Promise<string> =>
    (await client.completions.create({ model: 'base', prompt: 'The sea', maxTokens: 4, temperature: 0 })).choices[0].text
  const before = await answer()

  const runner = runnerOf(weft)!
  process.kill(runner, 'SIGKILL')
  expect(await weft.event('restart')).toMatchObject({ name: 'runner', how: 'signal SIGKILL' })
  const again = await until(() => {
    const found = runnerOf(weft)
    return found !== runner ? found : undefined
  })
  expect(again).not.toBe(runner)
  expect((await fetch(`${weft.url}/health`)).status).toBe(200)
  expect(await until(answer)).toBe(before)

  const all = descendants(weft.child.pid!)
  for (const part of ['gpu-runner', 'local-edge', 'workerd serve']) expect(all.map(commandLine).join('\n')).toContain(part)
  expect(await weft.interrupt()).toBe(0)
  expect(await leftOf(all)).toEqual([])
  expect(readdirSync(temporary!)).toEqual([])
  // wrangler makes the one even where it is told to send nothing; Node keeps what it makes of sources in the other.
  const files = readdirSync(home!, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => relative(home!, join(file.parentPath, file.name)))
  expect(files.filter((file) => file !== '.config/.wrangler/metrics.json' && !file.startsWith('.cache/weft/compiled/'))).toEqual([])
})

test.skipIf(!existsSync('/proc/self'))('of two runners one answers while the other is started again', async () => {
  const weft = startWeft(await freePort(), ['--no-demo', '--model', model, '--runners', '2', '--state', join(folder, 'several')])
  started.push(weft)
  await weft.event('runner')
  const client = new WeftClient({ baseUrl: weft.url, apiKey: weft.key() })
  const statuses = async () => (await client.runners()).data.map(({ status }) => status)
  await until(async () => (await statuses()).join(' ') === 'ok ok' || undefined)
  const [first] = descendants(weft.child.pid!).filter((pid) => commandLine(pid).includes('gpu-runner'))
  process.kill(first!, 'SIGKILL')
  for (let at = 0; at < 4; at++) await client.completions.create({ model: 'base', prompt: 'The sea', maxTokens: 4, temperature: 0 })
  await weft.event('restart')
  await until(async () => (await statuses()).join(' ') === 'ok ok' || undefined)
})

test('a second one on the same port, or on the same state, says what is the matter', async () => {
  // As a person starts it: npm runs it in a shell, and hands a signal to that alone.
  const first = await start('two', undefined, ['npx', 'weft'])
  await first.event('ready')
  const samePort = await start('other', Number(new URL(first.url).port))
  expect(await samePort.exited).toBe(1)
  expect(JSON.parse(samePort.stderr())).toMatchObject({ error: { code: 'port_taken', message: expect.stringContaining('a weft that already runs here') } })
  const sameState = await start('two')
  expect(await sameState.exited).toBe(1)
  expect(JSON.parse(sameState.stderr())).toMatchObject({ error: { code: 'state_in_use', message: expect.stringMatching(/\(process \d+\)/) } })
  expect((await fetch(`${first.url}/health`)).status).toBe(200)
  // Its output ends with the last process that holds it: what npx ran stops as it does when it is told itself.
  first.child.kill('SIGTERM')
  await first.exited
  expect(first.events.map(({ event }) => event)).toContain('stopping')
  await expect(fetch(`${first.url}/health`)).rejects.toThrow()
})

test.skipIf(!existsSync('/proc/self'))('a child that hangs is ended too', async () => {
  const weft = await start('three')
  await weft.event('runner')
  const all = descendants(weft.child.pid!)
  process.kill(runnerOf(weft)!, 'SIGSTOP')
  expect(await weft.interrupt()).toBe(0)
  expect(await leftOf(all)).toEqual([])
})

test.skipIf(!existsSync('/proc/self'))(
  'what a killed launcher started ends by itself, and the next start on the same port and state waits for that',
  async () => {
    const killed = await start('four')
    await killed.event('runner')
    const orphans = descendants(killed.child.pid!)
    killed.child.kill('SIGKILL')
    await killed.exited
    const next = await start('four', Number(new URL(killed.url).port))
    await next.event('ready')
    expect(await leftOf(orphans)).toEqual([])
    next.child.kill('SIGKILL')
    const left = descendants(next.child.pid!)
    expect(await leftOf(left)).toEqual([])
  },
)

test.skipIf(!existsSync('/proc/self'))('orphans that hang, on the same port, are ended by the next start', async () => {
  const killed = await start('five')
  await killed.event('runner')
  const orphans = descendants(killed.child.pid!)
  for (const pid of orphans) process.kill(pid, 'SIGSTOP')
  killed.child.kill('SIGKILL')
  await killed.exited
  const next = await start('five', Number(new URL(killed.url).port))
  await next.event('ready')
  expect(await leftOf(orphans)).toEqual([])
})

test.skipIf(!existsSync('/proc/self') || !olderNode)('a killed older Node takes what it handed over to along', async () => {
  const wrapper = await start('six', undefined, [olderNode!, weftBin])
  await wrapper.event('ready')
  const all = descendants(wrapper.child.pid!)
  expect(all.map(commandLine).join('\n')).toContain('weft.mjs dev')
  wrapper.child.kill('SIGKILL')
  expect(await leftOf(all)).toEqual([])
})

test('a broken database is named before anything is served', async () => {
  const database = join(folder, 'broken', 'edge', 'v3', 'd1', 'miniflare-D1DatabaseObject', 'x.sqlite')
  mkdirSync(join(database, '..'), { recursive: true })
  writeFileSync(database, 'not a database'.repeat(1000))
  const weft = await start('broken')
  expect(await weft.exited).toBe(1)
  expect(JSON.parse(weft.stderr())).toMatchObject({ error: { code: 'database_broken', message: expect.stringContaining(database) } })
})

test.each([
  ['a model folder that is not there', ['--model', './no-such-model'], 2, /^weft: There is no model folder or GGUF file \.\/no-such-model\. [^\n]+\n$/],
  ['a model that is nowhere', ['--model', 'no-such-model'], 2, /^weft: No model at "no-such-model": there is no such folder or package[^\n]+\n$/],
  ['a model that is none', ['--model', tmpdir()], 2, /^weft: There is nothing to serve: the model "base" was not loaded: [^\n]+config\.json[^\n]+\n$/],
  ['a runtime that is not there', ['--model', model], 2, /^weft: There is nothing to serve: [^\n]*no-such-library\.so[^\n]*\n$/],
] as const)('what cannot be served ends the start with a line: %s', async (name, args, code, line) => {
  const env = name.startsWith('a runtime') ? { WEFT_ORT_LIBRARY: '/no-such-library.so' } : {}
  const options = ['dev', '--no-demo', '--port', String(await freePort()), '--state', join(folder, 'seven'), ...args]
  const child = spawn(process.execPath, [weftBin, ...options], { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString()
  })
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(code)
  expect(stderr).toMatch(line)
})

test.each(['./no-such-model', 'no-such-model'])('a model that is nowhere is refused before anything answers: %s', async (missing) => {
  const weft = startWeft(await freePort(), ['--no-demo', '--state', join(folder, 'eight'), '--model', missing])
  expect(await weft.exited).toBeGreaterThan(0)
  expect(weft.events).toEqual([])
  expect(existsSync(join(folder, 'eight'))).toBe(false)
})

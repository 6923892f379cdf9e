import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, expect, test } from 'vitest'

const folder = writeTinyLlama()
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

/** Starts a runner on a free port and waits until it says where it listens. */
async function start(...args: string[]) {
  return startWith({}, ...args)
}

async function startWith(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts'), '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...env },
  })
  children.push(child)
  const log: any[] = []
  const exit = once(child, 'exit')
  let listening: (url: string) => void
  const url = new Promise<string>((resolve) => (listening = resolve))
  createInterface({ input: child.stderr! }).on('line', (line) => {
    const entry = line.startsWith('{') ? JSON.parse(line) : { msg: line }
    log.push(entry)
    if (entry.msg === 'listening') listening(entry.url)
  })
  return { child, log, exit, url: await Promise.race([url, exit.then(() => '')]) }
}

const health = async (url: string) => (await fetch(`${url}/health`)).json() as Promise<any>
async function ready(url: string) {
  for (let view = await health(url); ; view = await health(url)) {
    if (view.status === 'ok') return view
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('it listens at once, loads, answers, and ends in order when asked to', async () => {
  const runner = await start('--model', folder, '--device', 'cpu')
  expect(['starting', 'ok']).toContain((await health(runner.url)).status)
  expect((await ready(runner.url)).models[0].name).toBe('base')
  expect(runner.log.find(({ device }) => device)).toMatchObject({ device: 'cpu', reason: 'asked for' })
  const answered = await fetch(`${runner.url}/generate`, {
    method: 'POST',
    body: JSON.stringify({ model: 'base', composition: null, prompt: { text: 'the' }, max_tokens: 4 }),
  })
  expect(answered.status).toBe(200)

  // A reader that hangs up in mid-stream takes its row with it.
  const gone = new AbortController()
  const streamed = await fetch(`${runner.url}/generate`, {
    method: 'POST',
    signal: gone.signal,
    body: JSON.stringify({ model: 'base', composition: null, prompt: { text: 'the' }, max_tokens: 300, stream: true }),
  })
  await streamed.body!.getReader().read()
  gone.abort()

  // An upload without a declared length is cut off at the limit.
  expect(await endless(runner.url)).toBe(413)
  expect((await health(runner.url)).status).toBe('ok')

  runner.child.kill('SIGTERM')
  expect(await runner.exit).toEqual([0, null])
  expect(runner.log.at(-1)!.msg).toBe('stopped')
})

/** Posts JSON without end; resolves with the status it is refused with. */
function endless(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const post = request(`${url}/generate`, { method: 'POST' }, (response) => {
      resolve(response.statusCode!)
      response.resume()
      post.destroy()
    })
    post.on('error', reject)
    const chunk = Buffer.alloc(1 << 20, 0x20)
    const more = () => {
      while (!post.destroyed && post.write(chunk));
    }
    post.on('drain', more)
    more()
  })
}

test('what cannot work is said in one line', async () => {
  const unknown = await start('--model', folder, '--frobnicate')
  expect(await unknown.exit).toEqual([2, null])
  expect(unknown.log.map(({ msg }) => msg).join('\n')).toMatch(/--frobnicate[^]*Usage:/)

  const none = await start('--device', 'cpu')
  expect(await none.exit).toEqual([2, null])
  expect(none.log[0].msg).toMatch(/at least one model/)

  const device = await startWith({ WEFT_ORT_LIBRARY: join(folder, 'no-such-library.so') }, '--model', folder)
  expect(await device.exit).toEqual([2, null])
  expect(device.log.at(-1)).toMatchObject({ level: 60, msg: expect.stringContaining('no-such-library.so') })

  const missing = await start('--model', join(folder, 'nowhere'), '--device', 'cpu')
  const view = await ready(missing.url)
  expect(view).toMatchObject({ models: [], failures: [{ name: 'base', message: expect.stringContaining('nowhere') }] })
  missing.child.kill('SIGINT')
  expect(await missing.exit).toEqual([0, null])
})

test('it ends when whoever started it is gone', async () => {
  const runner = await start('--model', folder, '--device', 'cpu')
  runner.child.disconnect()
  expect(await runner.exit).toEqual([0, null])
})

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tinyModel } from './tiny-model.ts'
import { freePort, runnerOf, startWeft, until, type WeftProcess } from './weft-process.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-full-'))
const disk = join(scratch, 'disk')
mkdirSync(disk)
/** A disk of its own that fills up: whoever may not mount one leaves this test out. */
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', disk]).status === 0
if (!mounted) console.info('left out: only root can mount the small disk that this test fills')

let weft: WeftProcess
let headers: Record<string, string>
beforeAll(async () => {
  if (!mounted) return
  weft = startWeft(await freePort(), ['--no-demo', '--model', tinyModel(join(scratch, 'model')), '--state', join(disk, 'state')])
  await weft.event('runner')
  headers = { authorization: `Bearer ${weft.key()}` }
})
afterAll(async () => {
  if (mounted) {
    await weft.interrupt()
    spawnSync('umount', [disk])
  }
  rmSync(scratch, { recursive: true, force: true })
})

const fill = (leave: number): void => {
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(join(disk, 'filler'), new Uint8Array(Math.max(0, bavail * bsize - leave)))
}

const upload = async (bytes: number): Promise<{ http: number; id: string; error?: { code: string } }> => {
  const form = new FormData()
  form.set('purpose', 'fine-tune')
  form.set('file', new Blob([`${JSON.stringify({ text: 'x'.repeat(bytes) })}\n`]), 'rows.jsonl')
  const response = await fetch(`${weft.url}/v1/files`, { method: 'POST', headers, body: form, signal: AbortSignal.timeout(100_000) })
  return { ...((await response.json()) as { id: string }), http: response.status }
}

const get = async (path: string): Promise<{ status: number; text: string }> => {
  const response = await fetch(`${weft.url}${path}`, { headers })
  return { status: response.status, text: await response.text() }
}

const complete = async (): Promise<number> =>
  (
    await fetch(`${weft.url}/v1/completions`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'base', prompt: 'The sea', max_tokens: 2 }),
    })
  ).status

test.skipIf(!mounted)('a full disk: what is stored stays, writing is refused with 507, requests are answered, and it goes on when there is room', async () => {
  const before = await upload(20_000)
  expect(before.http).toBe(200)
  fill(64 * 1024)
  // The store of a local start never answers a write that finds no room, so this takes as long as the edge waits for one.
  expect(await upload(400_000)).toMatchObject({ http: 507, error: { code: 'storage_full' } })
  fill(0)
  expect(await complete()).toBe(200)
  expect(await get(`/v1/files/${before.id}/content`)).toMatchObject({ status: 200, text: expect.stringContaining('xxx') })

  // Neither a child's death nor what it says finds room to be noted, and both go on.
  const runner = runnerOf(weft)!
  process.kill(runner, 'SIGKILL')
  expect(await weft.event('restart')).toMatchObject({ name: 'runner' })
  expect(await until(async () => ((await complete()) === 200 ? 200 : undefined))).toBe(200)

  rmSync(join(disk, 'filler'))
  expect(await until(async () => ((await upload(400_000)).http === 200 ? 200 : undefined))).toBe(200)
  expect(JSON.parse((await get('/v1/files')).text).data).toHaveLength(2)
})

test.skipIf(!mounted)('a start on a full disk says so, and leaves what is there alone', async () => {
  await weft.interrupt()
  fill(0)
  const refused = startWeft(await freePort(), ['--no-demo', '--state', join(disk, 'state')])
  expect(await refused.exited).toBe(1)
  expect(JSON.parse(refused.stderr())).toMatchObject({ error: { code: 'storage_full', message: expect.stringContaining(join(disk, 'state')) } })
  rmSync(join(disk, 'filler'))
  weft = startWeft(await freePort(), ['--no-demo', '--model', join(scratch, 'model'), '--state', join(disk, 'state')])
  await weft.event('ready')
  expect(JSON.parse((await get('/v1/files')).text).data).toHaveLength(2)
})

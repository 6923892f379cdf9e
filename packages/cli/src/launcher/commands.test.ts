import { mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { edgeCommand } from './edge-command.ts'
import { defaultConfig, root } from './project.ts'
import { runnerCommand } from './runner-command.ts'

const state = mkdtempSync(join(tmpdir(), 'weft-commands-'))
const edge = {
  port: 8787,
  state,
  config: defaultConfig,
  runnerUrl: 'http://127.0.0.1:1',
  runnerToken: 'secret-token',
  localKey: 'a-key',
  log: join(state, 'edge.log'),
}

test('of the runner a person sees errors, crashes, and every tenth of a download', () => {
  const { show } = runnerCommand({ port: 1, token: 't', config: defaultConfig, state, log: '' })
  const line = (entry: object): string | undefined => show!(JSON.stringify({ level: 30, ...entry }))
  expect(line({ msg: 'listening' })).toBeUndefined()
  expect(line({ level: 50, msg: 'model failed', err: { message: 'no such folder' } })).toBe('runner: model failed: no such folder')
  const download = (done: number) => line({ level: 20, msg: 'downloading', model: 'base', done, total: 4 * 1024 ** 2 })
  expect([0, 0.01, 0.3, 0.31, 1].map((share) => download(share * 4 * 1024 ** 2))).toEqual([
    'Downloading base: 0 % of 4.0 MB',
    undefined,
    'Downloading base: 30 % of 4.0 MB',
    undefined,
    'Downloading base: 100 % of 4.0 MB',
  ])
  expect(show!('Error: Cannot find module')).toBe('runner: Error: Cannot find module')
  expect(show!('    at main.ts:1')).toBeUndefined()
})

test('secrets are in the environment or a file of this user, not on a command line', async () => {
  const runner = runnerCommand({ port: 1, token: 'secret-token', config: defaultConfig, model: 'dir', device: 'cpu', state, log: '' })
  expect(runner.args.join(' ')).not.toContain('secret-token')
  expect(runner.args.join(' ')).toContain('--model base=dir')
  expect(runner.env.WEFT_RUNNER_TOKEN).toBe('secret-token')
  const command = await edgeCommand(edge)
  expect(command.args.join(' ')).not.toMatch(/secret-token|a-key/)
  const file = command.args[command.args.indexOf('--env-file') + 1]
  expect(readFileSync(file, 'utf8')).toContain('RUNNER_TOKEN="secret-token"')
  expect(statSync(file).mode & 0o077).toBe(0)
})

test('another configuration takes the place of weft.config.ts in a copy of wrangler.toml', async () => {
  expect((await edgeCommand(edge)).args).not.toContain('--config')
  const { args } = await edgeCommand({ ...edge, config: '/elsewhere/weft.config.ts' })
  const deployment = JSON.parse(readFileSync(args[args.indexOf('--config') + 1], 'utf8')) as {
    alias: object
    main: string
    d1_databases: { migrations_dir: string }[]
  }
  expect(deployment).toMatchObject({ alias: { 'weft.config': '/elsewhere/weft.config.ts' }, main: join(root, 'packages/edge/src/index.ts') })
  expect(deployment.d1_databases[0].migrations_dir).toBe(join(root, 'packages/edge/migrations'))
})

test('of wrangler a person sees what it calls an error', async () => {
  const { show } = await edgeCommand(edge)
  expect(show!('✘ [ERROR] Build failed with 1 error:')).toBe('edge: [ERROR] Build failed with 1 error:')
  expect(show!('[wrangler:info] GET /health 200 OK (3ms)')).toBeUndefined()
})

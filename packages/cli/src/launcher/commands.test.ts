import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import { deploymentOf } from '../local-edge/deployment.ts'
import { readWorkerOptions } from '../local-edge/read-worker-options.ts'
import { edgeCommand } from './edge-command.ts'
import { defaultConfig, root } from './project.ts'
import { runnerCommand } from './runner-command.ts'

const state = mkdtempSync(join(tmpdir(), 'weft-commands-'))
const edge = {
  port: 8787,
  state,
  deployment: join(root, 'wrangler.toml'),
  runnerUrl: 'http://127.0.0.1:1',
  runnerToken: 'secret-token',
  keys: ['a-key', 'weft-local'],
  keyFile: '.weft/key',
  log: join(state, 'edge.log'),
}

test('of the runner a person sees errors, crashes, and every tenth of a download', () => {
  const { show, reason } = runnerCommand({ port: 1, token: 't', config: defaultConfig, state, log: '' })
  const line = (entry: object): string | undefined => show!(JSON.stringify({ level: 30, ...entry }))
  expect(line({ msg: 'listening' })).toBeUndefined()
  expect(line({ level: 50, msg: 'training failed', err: { message: 'out of memory' } })).toBe('runner: training failed: out of memory')
  // These two the launcher says itself, once.
  expect(line({ level: 50, msg: 'model failed', err: { message: 'no such folder' } })).toBeUndefined()
  expect(line({ level: 60, msg: 'no CUDA here' })).toBeUndefined()
  expect(reason!()).toBe('no CUDA here')
  const download = (done: number) => line({ level: 20, msg: 'downloading', model: 'base', done, total: 4e6 })
  expect([0, 0.01, 0.3, 0.31, 1].map((share) => download(share * 4e6))).toEqual([
    'Downloading base: 0 % of 4.0 MB',
    undefined,
    'Downloading base: 30 % of 4.0 MB',
    undefined,
    'Downloading base: 100 % of 4.0 MB',
  ])
  expect(show!('Error: Cannot find module')).toBe('runner: Error: Cannot find module')
  expect(show!('    at main.ts:1')).toBeUndefined()
})

test('secrets are in the environment, which other users cannot read, and not on a command line', () => {
  const runner = runnerCommand({ port: 1, token: 'secret-token', config: defaultConfig, model: 'dir', device: 'cpu', state, log: '' })
  expect(runner.args.join(' ')).not.toContain('secret-token')
  expect(runner.args.join(' ')).toContain('--model base=dir')
  expect(runner.env.WEFT_RUNNER_TOKEN).toBe('secret-token')
  const { args, env } = edgeCommand(edge)
  expect(args.join(' ')).not.toMatch(/secret-token|a-key/)
  expect(JSON.parse(env.WEFT_EDGE_VARIABLES!)).toEqual({
    RUNNER_URL: 'http://127.0.0.1:1',
    RUNNER_TOKEN: 'secret-token',
    LOCAL_KEY: 'a-key weft-local',
    LOCAL_KEY_FILE: '.weft/key',
  })
})

test('another configuration takes the place of weft.config.ts in a copy of wrangler.toml', async () => {
  const deployment = JSON.parse(readFileSync(await deploymentOf('/elsewhere/weft.config.ts', state), 'utf8')) as {
    alias: object
    main: string
    d1_databases: { migrations_dir: string }[]
  }
  expect(deployment).toMatchObject({ alias: { 'weft.config': '/elsewhere/weft.config.ts' }, main: join(root, 'packages/edge/src/index.ts') })
  expect(deployment.d1_databases[0].migrations_dir).toBe(join(root, 'packages/edge/migrations'))
})

test('what workerd is started with lies beside the deployment, as wrangler reads it', async () => {
  const deployment = await deploymentOf(join(root, 'weft.config.ts'), state)
  const { modulesRules: _, ...options } = unstable_getMiniflareWorkerOptions(deployment).workerOptions
  expect(readWorkerOptions(deployment)).toEqual({ ...options, name: 'weft' })
})

test('of the edge a person sees errors and crashes, a line each', () => {
  const show = edgeCommand(edge).show!
  expect(show('{"level":"error","message":"Error: it broke\\n    at app.ts:1"}')).toBe('edge: Error: it broke')
  expect(show('{"level":"info","message":"listening"}')).toBeUndefined()
  expect(show('TypeError: not a function')).toBe('edge: TypeError: not a function')
  expect(show('    at main.ts:1')).toBeUndefined()
})

/**
 * `npm run test:packages`: packs everything, makes a project of the tarballs outside the repository, bundles its Worker, and trains, composes and asks there.
 * Nothing of what npm and the programs say may be a warning. Third parties' packages come from npm's registry, by its cache where it has them.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { packAll } from '../../packaging/pack-all.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '21410' }, keep: { type: 'boolean', default: false } } })
const folder = mkdtempSync(join(tmpdir(), 'weft-installed-'))
const app = join(folder, 'my-app')
const url = `http://127.0.0.1:${values.port}`

interface Output {
  stdout: string
  stderr: string
}

/** What npm tells its scripts about this repository is not for another folder's. */
const env: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS|INIT_CWD)/i.test(name))),
  PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
  WEFT_URL: url,
  npm_config_prefer_offline: 'true',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
}

const run = (cwd: string, program: string, ...args: string[]): Promise<Output> =>
  new Promise((resolve, reject) =>
    execFile(program, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error) return reject(new Error(`${program} ${args.join(' ')}: ${error.message}\n${stdout}\n${stderr}`))
      console.log(`${program} ${args.join(' ')}`)
      resolve({ stdout, stderr })
    }),
  )

const quiet = async (output: Promise<Output>): Promise<string> => {
  const { stdout, stderr } = await output
  const warnings = `${stdout}\n${stderr}`.split('\n').filter((line) => /\bwarn(ing)?\b|deprecated/i.test(line))
  assert.deepEqual(warnings, [], 'warnings')
  return stdout
}

/** `weft dev` of the project, until it serves. Started without npx, so that a signal reaches it. */
const dev = async (): Promise<ChildProcess> => {
  const child = spawn(process.execPath, [join(app, 'node_modules/@weft/cli/bin/weft.mjs'), 'dev', '--json', '--no-demo', '--port', values.port], {
    cwd: app,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout! })
  for await (const line of lines) {
    const event = JSON.parse(line) as { event: string; models?: string[] }
    console.log(line)
    assert.ok(['ready', 'model_hint', 'runner', 'console'].includes(event.event), `nothing else is said: ${line}`)
    if (event.event === 'runner') return child
  }
  throw new Error('weft dev ended before it served')
}

/** The example of the client's README, on this Node and on every older one of the machine that the package allows. */
const askByClient = async (): Promise<void> => {
  const readme = readFileSync(join(app, 'node_modules/@weft/client/README.md'), 'utf8')
  const [, example] = /```ts\n(.*?)```/s.exec(readme)!
  writeFileSync(join(app, 'client.mjs'), example!)
  Object.assign(env, { WEFT_API_KEY: readFileSync(join(app, '.weft/key'), 'utf8').trim() })
  const others = ['/usr/bin/node', '/usr/local/bin/node'].filter((node) => existsSync(node) && node !== process.execPath)
  for (const node of [process.execPath, ...others]) {
    const answer = await quiet(run(app, node, 'client.mjs'))
    assert.ok(answer.trim().length > 0)
    console.log(`the client on ${(await run(app, node, '--version')).stdout.trim()}: ${answer.trim()}`)
  }
}

/** The Worker of the project is as small as the repository's (`test/bundle.test.ts`): it has zod without the messages of some fifty languages. */
const bundle = async (): Promise<void> => {
  await quiet(run(app, 'npm', 'run', 'deploy:dry'))
  const gzip = gzipSync(readFileSync(join(app, '.weft/bundle/index.js'))).byteLength
  console.log(`the project's Worker: ${(gzip / 1024).toFixed(0)} KiB gzip`)
  assert.ok(gzip < 350 * 1024, `the Worker has ${gzip} bytes gzip`)
}

let served: ChildProcess | undefined
try {
  const tarballs = await packAll(join(folder, 'dist'))
  assert.ok(tarballs.length > 20)
  const creator = readdirSync(join(folder, 'dist')).find((file) => file.startsWith('create-weft-'))!
  await quiet(run(folder, 'npx', '--yes', `./dist/${creator}`, 'my-app'))

  await quiet(run(app, 'npm', 'test'))
  await quiet(run(app, 'npm', 'run', 'types'))
  const version = JSON.parse(readFileSync(join(app, 'node_modules/@weft/cli/package.json'), 'utf8')).version as string
  assert.equal(await quiet(run(app, 'npx', 'weft', '--version')), `${version}\n`)

  await bundle()
  served = await dev()
  const rows = ['calm', 'dark', 'wide', 'cold'].flatMap((word) => [
    `the sea was ${word} and the men sang of home.`,
    `the wind was ${word} and the men sang of home.`,
  ])
  writeFileSync(join(app, 'rows.jsonl'), rows.map((text) => `${JSON.stringify({ text })}\n`).join(''))
  await quiet(run(app, 'npx', 'weft', 'train', 'rows.jsonl', '--name', 'my/sea', '--method', 'low-rank-prompt', '--steps', '8'))
  await quiet(run(app, 'npx', 'weft', 'train', 'rows.jsonl', '--name', 'my/prefix', '--method', 'prefix-tuning', '--steps', '8'))
  const explained = await quiet(run(app, 'npx', 'weft', 'explain', 'base + 0.5*my/sea + my/prefix', '--json'))
  assert.match(explained, /my\/sea/)
  const answer = await quiet(run(app, 'npx', 'weft', 'run', 'base + 0.5*my/sea + my/prefix', 'the sea', '--max-tokens', '12'))
  assert.ok(answer.trim().length > 0, 'it answers')
  await askByClient()
  const page = await fetch(`${url}/console`, { headers: { accept: 'text/html' } })
  assert.equal(page.status, 200)
  assert.match(await page.text(), /<script type="module"/)
  console.log(`\nAn app of the tarballs trained, composed and asked; 0 warnings. It answered: ${answer.trim()}`)
} finally {
  if (served) {
    const ended = new Promise((resolve) => served!.once('exit', resolve))
    served.kill('SIGTERM')
    await ended
  }
  if (values.keep) console.log(folder)
  else rmSync(folder, { recursive: true, force: true })
}

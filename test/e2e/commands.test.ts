import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { republish } from '../acceptance/republish.ts'
import { commandHere } from './command-here.ts'
import { type Served, serveTinyModel } from './served-tiny-model.ts'
import { root, weftBin } from './weft-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-commands-'))
let served: Served
beforeAll(async () => {
  served = await serveTinyModel()
})
afterAll(async () => {
  await served.stop()
  rmSync(folder, { recursive: true })
})

/** One command line against the running edge, whose key it finds by itself; `stdin` is piped in. Ctrl-C comes when it has said `interruptAt`. */
const weft = (
  args: string[],
  { stdin = '', state = join(served.folder, 'state'), interruptAt }: { stdin?: string; state?: string; interruptAt?: string } = {},
): Promise<{ status: number | null; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const env = { ...process.env, WEFT_URL: served.weft.url, WEFT_STATE: state }
    const child = spawn(process.execPath, [weftBin, ...args], { cwd: root, env, stdio: ['pipe', 'pipe', 'pipe'] })
    const printed = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (text: Buffer) => {
        printed[name] += text.toString()
        if (interruptAt !== undefined && text.includes(interruptAt)) child.kill('SIGINT')
      })
    child.on('close', (status) => resolve({ status, ...printed }))
    child.stdin.end(stdin)
  })

/** The same in this process, where neither standard input, nor the state folder, nor Ctrl-C is what is tested. */
const here = (...args: string[]) => commandHere(served, ...args)

const json = async (...args: string[]): Promise<any> => {
  const { status, stdout, stderr } = await here(...args, '--json')
  expect({ status, stderr }, stderr).toEqual({ status: 0, stderr: '' })
  return JSON.parse(stdout)
}

test('models, and the key of the state folder', async () => {
  expect(await json('models')).toContainEqual(expect.objectContaining({ id: 'base', kind: 'base' }))
  expect((await weft(['models'])).stdout).toMatch(/^model +kind +composition\nbase +base/)
  const other = await weft(['models'], { state: folder })
  expect(other).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/^weft: Incorrect API key provided[^\n]+--state DIR[^\n]+\n$/) })
})

test('texts are scored and classified, from arguments, a file or a pipe', async () => {
  const file = join(folder, 'texts.jsonl')
  writeFileSync(file, '{"text": "The sea"}\nThe whale\n')
  const fromFile = await json('score', 'base', '--file', file)
  expect(fromFile.data.map(({ tokens }: { tokens: number }) => tokens > 0)).toEqual([true, true])
  expect((await json('score', 'base', 'The sea', 'The whale')).data.map(({ logprob }: { logprob: number }) => logprob)).toEqual(
    fromFile.data.map(({ logprob }: { logprob: number }) => logprob),
  )
  expect((await weft(['score', 'base'], { stdin: 'The sea\n' })).stdout).toMatch(/^text +tokens +log-probability +perplexity\nThe sea +\d+ +-\d/)
  expect(await weft(['score', 'base'])).toMatchObject({ status: 2, stderr: expect.stringContaining('There is no input') })

  const { data } = await json('classify', 'base', 'The whale swims', '--choice', ' sea', '--choice', ' land')
  expect(Object.keys(data[0].scores).sort()).toEqual([' land', ' sea'])
  expect((await here('classify', 'base', 'The whale swims', '--choice', ' sea', '--choice', ' land')).stdout).toMatch(/^text +label +probability\n.+%\n$/)
  expect(await here('classify', 'base', 'no head')).toMatchObject({ status: 2, stderr: expect.stringMatching(/^weft: [^\n]+\n$/) })
})

test("embed gives vectors of length 1, a decoder's too", async () => {
  const { data } = await json('embed', 'base', 'The sea', 'A whale')
  expect(data).toHaveLength(2)
  for (const { embedding } of data as { embedding: number[] }[]) expect(Math.hypot(...embedding)).toBeCloseTo(1, 4)
})

test('a route is made, listed, shown, used and deleted', async () => {
  expect(await json('routes', 'put', 'calm', 'base + "Calmly."', '--description', 'slow', '--temperature', '0', '--max-tokens', '3')).toMatchObject({
    name: 'calm',
    composition: 'base + "Calmly."',
    defaults: { temperature: 0, maxTokens: 3 },
  })
  expect((await here('routes')).stdout).toMatch(/calm +base \+ "Calmly." +slow/)
  expect(await json('routes', 'show', 'calm')).toMatchObject({ description: 'slow' })
  expect((await json('run', 'calm', 'The sea')).usage.completionTokens).toBe(3)
  expect(await json('routes', 'delete', 'calm')).toMatchObject({ deleted: true })
  expect(await here('routes', 'show', 'calm')).toMatchObject({ status: 2 })
})

test('a route with variants, what it was, and how each variant does', async () => {
  const variants = ['--variant', 'stable:9=base + "Calmly."', '--variant', 'canary:1=base + "Wildly."']
  const policy = join(folder, 'route-policy.json')
  writeFileSync(policy, '{ "max_tokens": 3 }')
  expect(await json('routes', 'put', 'moody', ...variants, '--twin', 'Be calm, please.', '--policy', policy)).toMatchObject({
    version: 1,
    composition: 'base + "Calmly."',
  })
  expect(await json('routes', 'put', 'moody', 'base + "Sadly."', '--shadow', 'base + "Loudly."', '--policy', policy)).toMatchObject({ version: 2 })
  expect((await here('routes', 'rollback', 'moody')).stdout).toContain('version 3')
  expect((await here('routes', 'versions', 'moody')).stdout).toMatch(
    /^version +made +composition +variants +shadow +twin\n +3 .+stable:9 canary:1 +– +Be calm, please\.\n +2 .+base \+ "Sadly." +– +base \+ "Loudly." +–\n/,
  )
  expect(await here('run', 'moody', 'The sea', '--max-tokens', '4')).toMatchObject({ status: 1, stderr: expect.stringContaining('at most 3 are allowed') })
  const counted = async () => (await json('usage', '--route', 'moody')).data[0]
  // The one that the policy refused has failed.
  await expect.poll(counted, { timeout: 5000 }).toMatchObject({ requests: 1, failed: 1 })
  expect((await here('routes', 'metrics', 'moody')).stdout).toMatch(/^version +variant +kind +requests/)
  expect((await here('usage', '--route', 'moody')).stdout).toMatch(/^day +route +kind.+\n\d{4}-\d\d-\d\d +moody +answer +1 +1/)
})

test('what auto(…) chose is said beside the answer, not in it', async () => {
  const asked = { wet: 'The whale swims in the sea.', dry: 'The camel walks over the land.' }
  for (const [name, text] of Object.entries(asked)) {
    await json('publish', '--name', `auto/${name}`, '--text', `Be ${name}.`)
    const probes = {
      method: 'PUT',
      headers: { authorization: `Bearer ${served.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ data: [{ text }] }),
    }
    expect((await fetch(`${served.weft.url}/v1/adapters/auto/${name}/probes`, probes)).status).toBe(200)
  }
  for (const chat of [[], ['--chat']]) {
    const { stdout, stderr } = await here('run', 'auto(auto/wet, auto/dry)', asked.dry, '--max-tokens', '2', ...chat)
    expect(stderr).toMatch(/^auto\(…\) chose auto\/dry\n {2}auto\/wet: strength 0 \(score -?\d.+\)\n {2}auto\/dry: strength 1 \(score \d.+\)\n$/)
    expect(stdout).not.toContain('auto')
  }
  expect((await here('run', 'base', 'The sea', '--max-tokens', '2')).stderr).toBe('')
})

test("the tenant's policy is shown, set and taken back", async () => {
  const file = join(folder, 'policy.json')
  writeFileSync(file, '{ "deny": ["mail/*"], "requests_per_minute": 1000 }')
  expect(await json('policy', 'put', file)).toMatchObject({ tenant: 'default', policy: { requestsPerMinute: 1000 } })
  expect(JSON.parse((await here('policy')).stdout)).toEqual({ deny: ['mail/*'], requests_per_minute: 1000 })
  writeFileSync(file, '{ "strength": { "min": 1, "max": 0 } }')
  expect(await here('policy', 'put', file)).toMatchObject({ status: 2, stderr: expect.stringContaining('no strength lies between') })
  expect(await json('policy', 'delete')).toMatchObject({ deleted: true })
})

test('a key is made for a tenant, shown once, used, listed and revoked', async () => {
  const create = ['keys', 'create', '--tenant', 'acme', '--role', 'admin', '--expires', '30d', '--name', 'ann']
  expect(await here(...create)).toMatchObject({ status: 2, stderr: expect.stringContaining('There is no tenant "acme"') })
  const made = await here(...create, '--new-tenant')
  expect(made).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^weft_[a-z0-5]{16}_[\w-]{43}\n\nThis is the secret of key-\w+, for an admin of the tenant "acme"/),
  })
  const [secret] = made.stdout.split('\n') as [string]
  const [key] = await json('keys', '--key', secret)
  expect(key).toMatchObject({ tenant: 'acme', role: 'admin', name: 'ann', expiresAt: key.createdAt + 30 * 86_400 })
  expect((await here('keys', '--key', secret)).stdout).toMatch(/^key +tenant +name +role.+\n *key-\w+ +acme +ann +admin /)
  expect((await here('keys', 'revoke', key.id, '--key', secret)).stdout).toBe(`${key.id} is revoked.\n`)
  expect(await here(...create, '--new-tenant')).toMatchObject({ status: 1, stderr: expect.stringContaining('There is a tenant "acme" already') })
  expect(await here('audit', '--tenant', 'acne')).toMatchObject({ status: 2, stderr: expect.stringContaining('did you mean "acme"?') })
  expect((await here('audit', '--tenant', 'acme')).stdout).toMatch(/key\.revoke[^]+key\.create/)
})

test('two tenants republish one name while clients ask: none gets an old version, none the other tenant’s', async () => {
  const report = await republish({ url: served.weft.url, key: served.key }, { times: 40, clients: 8 })
  expect(report).toMatchObject({ published: 40, stale: 0, crossed: 0, different: 0 })
  expect(Math.min(...Object.values(report.answers))).toBeGreaterThan(0)
})

test('a file is uploaded, listed, shown, downloaded and deleted; a bad one is refused with its line', async () => {
  const file = join(folder, 'rows.jsonl')
  writeFileSync(file, '{"text": "The sea"}\n{"text": "The whale"}\n')
  const { id } = await json('files', 'upload', file)
  expect((await here('files')).stdout).toContain('rows.jsonl')
  expect(await json('files', 'show', id)).toMatchObject({ id, rows: 2, kind: 'text' })
  await json('files', 'download', id, join(folder, 'back.jsonl'))
  expect(readFileSync(join(folder, 'back.jsonl'), 'utf8')).toBe(readFileSync(file, 'utf8'))
  expect(await json('files', 'delete', id)).toMatchObject({ deleted: true })
  writeFileSync(file, '{"text": "The sea"}\n{"txet": "The whale"}\n')
  expect(await here('files', 'upload', file)).toMatchObject({ status: 2, stderr: expect.stringMatching(/^weft: [^\n]*line 2[^\n]*\n$/i) })
})

test('a job that is refused leaves none of its files behind; one that is made keeps them', async () => {
  const file = join(folder, 'rows-of-a-job.jsonl')
  writeFileSync(file, Array.from({ length: 8 }, (_, i) => `{"text": "The whale number ${i} swims."}`).join('\n'))
  const bad = join(folder, 'bad.jsonl')
  writeFileSync(bad, '{"txet": "The sea"}\n')
  const uploaded = async () => (await served.client.files.list({ limit: 100 })).data.filter(({ filename }) => filename === 'rows-of-a-job.jsonl').length
  const train = (...more: string[]) => here('train', file, '--name', 'refused/one', '--steps', '1', '--detach', ...more)
  expect(await train('--method', 'lora', '--set', 'rr=3')).toMatchObject({ status: 2, stderr: expect.stringContaining('--set rr: unk') })
  expect(await train('--method', 'lora', '--set', 'rr=3', '--validation', file)).toMatchObject({ status: 2 })
  expect(await train('--validation', bad)).toMatchObject({ status: 2, stderr: expect.stringMatching(/^weft: bad\.jsonl, line 1/) })
  expect(await train('--validation', join(folder, 'none.jsonl'))).toMatchObject({ status: 2 })
  expect(await uploaded()).toBe(0)
  const { id, method } = JSON.parse((await train('--json')).stdout)
  expect([method.type, await uploaded()]).toEqual(['lora', 1])
  await served.client.jobs.cancel(id).catch(() => {})
  expect((await here('steer', file, '--name', 'refused/two')).stderr).toContain('rows-of-a-job.jsonl has rows of the kind "text"; expected rows of {"pos')
})

test('adapters lists the newest version of each, and with --all every one', async () => {
  for (const text of ['Calmly.', 'Very calmly.']) await json('publish', '--name', 'tone/calm', '--text', text)
  const calm = (list: { name: string; version: number }[]): number[] => list.filter(({ name }) => name === 'tone/calm').map(({ version }) => version)
  expect(calm(await json('adapters'))).toEqual([2])
  expect(calm(await json('adapters', 'list'))).toEqual([2])
  expect(calm(await json('adapters', '--all')).sort()).toEqual([1, 2])
})

test('the life of an adapter: an alias, a signature, a comparison, a rollback, and what would be collected', async () => {
  const key = join(folder, 'release.pem')
  const { id: keyId } = await json('sign-keys', 'new', key)
  expect(readFileSync(key, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/)
  // A key that is there is not written over.
  const held = readFileSync(key, 'utf8')
  expect(await here('sign-keys', 'new', key)).toMatchObject({ status: 2, stderr: expect.stringContaining(`There is a file ${key} already`) })
  expect(readFileSync(key, 'utf8')).toBe(held)
  const publish = (text: string, ...args: string[]) => json('publish', '--name', 'tone/life', '--text', text, ...args)
  expect(await publish('Calmly.', '--sign', key)).toMatchObject({ version: 1, signature: { keyId, standing: 'unknown_key' } })
  await publish('Loudly.')
  await json('adapters', 'download', 'tone/life@2', join(folder, 'life.safetensors'))
  expect((await here('sign', join(folder, 'life.safetensors'), '--key', key)).stdout).toMatch(`${keyId}:`)
  expect((await here('sign-keys', 'trust', keyId, '--name', 'release', '--expires', '2099-01-01')).stdout).toBe(`${keyId} is trusted\n`)
  expect((await here('sign-keys')).stdout).toMatch(/release +tenant +2099-01-01/)
  expect((await json('adapters', 'show', 'tone/life@1')).signature.standing).toBe('valid')

  expect((await here('alias', 'set', 'tone/life', 'prod', '1', '--expected', '0')).stdout).toBe('tone/life@prod stands for tone/life@1\n')
  const late = await here('alias', 'set', 'tone/life', 'prod', '2', '--expected', '2')
  expect(late).toMatchObject({ status: 1, stderr: expect.stringContaining('stands for version 1 now') })
  expect((await here('diff', 'tone/life@prod', 'tone/life@latest')).stdout).toMatch(/config\.text +"Calmly\." +"Loudly\."/)
  expect((await json('run', 'base + tone/life@prod', 'The sea', '--max-tokens', '2')).choices).toHaveLength(1)
  expect((await here('rollback', 'tone/life')).stdout).toMatch(/^tone\/life stands for tone\/life@1, and no more for tone\/life@2\./)
  expect((await here('aliases', 'tone/life')).stdout).toMatch(/tone\/life +tone\/life@1 .*\ntone\/life@prod +tone\/life@1 /)
  expect((await here('adapters', '--all')).stdout).toMatch(/tone\/life@2 +–/)
  expect((await here('gc', '--dry-run', '--grace', '0s', '--keep', '1')).stdout).toMatch(/version +tone\/life@1 +"tone\/life" stands for it; the alias/)
  expect((await json('explain', 'tone/life@prod')).references).toMatchObject([{ alias: 'prod', id: 'tone/life@1' }])
})

test('export and interfere take the base that the running server has, without being told', async () => {
  const { client } = served
  const rows = Array.from({ length: 12 }, (_, i) => JSON.stringify({ text: `The whale number ${i} swims in the sea.` }))
  const trainingFile = (await client.files.upload({ content: rows.join('\n') })).id
  const method = { type: 'prompt-tuning', 'prompt-tuning': { numVirtualTokens: 3 } }
  const hyperparameters = { maxSteps: 2, batchSize: 2 }
  for (const suffix of ['sea/one', 'sea/two'])
    await client.jobs.wait((await client.jobs.create({ model: 'base', trainingFile, suffix, method, hyperparameters })).id)
  const exported = await weft(['export', 'sea/one', join(folder, 'peft'), '--json'])
  expect(exported).toMatchObject({ status: 0, stderr: '' })
  expect(JSON.parse(exported.stdout)).toMatchObject({ method: 'prompt-tuning' })
  expect(JSON.parse(readFileSync(join(folder, 'peft', 'adapter_config.json'), 'utf8'))).toMatchObject({ peft_type: 'PROMPT_TUNING', num_virtual_tokens: 3 })

  const probe = join(folder, 'probe')
  writeFileSync(probe, 'The sea\nA ship\n')
  const told = await weft(['interfere', 'sea/one + sea/two', '--probe', probe, '--tokens', '2'])
  expect(told).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/^Loading the base model "model" …\n( {2}sea\/one \+ sea\/two: step \d\/8\n)* {2}sea\/one \+ sea\/two: step 8\/8\n$/),
  })
})

test('a steering vector is computed from pairs, and acts in every strength', async () => {
  const told = async (...args: string[]) => JSON.parse((await commandHere(served, ...args, '--json')).stdout)
  const pairs = join(folder, 'pairs.jsonl')
  const rows = Array.from({ length: 20 }, (_, i) => ({ prompt: `Number ${i} is`, positive: ' a whale', negative: ' a sheep' }))
  writeFileSync(pairs, rows.map((row) => JSON.stringify(row)).join('\n'))
  const job = await told('steer', pairs, '--name', 'tone/sea', '--layers', '1,0')
  expect(job).toMatchObject({
    status: 'succeeded',
    fineTunedModel: 'tone/sea@1',
    config: { layers: [0, 1] },
    metrics: { pairs: 2, separated: expect.any(Number) },
  })
  const { manifest } = await served.client.adapters.get('tone/sea')
  expect(manifest).toMatchObject({ method: 'steering', lineage: { pairs: { normalize: false }, data: expect.stringMatching(/^sha256:/) } })
  const again = await here('steer', pairs, '--name', 'tone/sea')
  expect(again).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^tone\/sea@2 is published, behind layer 0\.\n {2}It tells [012] of 2 held-out pairs apart \([01]\.\d0; /),
  })

  const scored = async (expression: string): Promise<number> => (await told('score', expression, 'Number 3 is a whale')).data[0].logprob
  const [base, none, once, back] = [await scored('base'), await scored('0*tone/sea'), await scored('tone/sea'), await scored('base + -1*tone/sea')]
  expect(none).toBe(base)
  expect(new Set([base, once, back]).size).toBe(3)

  writeFileSync(pairs, '{"positive": "a"}')
  expect(await here('steer', pairs, '--name', 'tone/sea')).toMatchObject({ status: 2, stderr: expect.stringContaining('negative') })
  expect(await here('steer', pairs, '--name', 'tone/sea', '--layers', 'x')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('whole number'),
  })
})

test('a job that waits in the queue says so; Ctrl-C leaves it there, and says how to follow it', async () => {
  const { client } = served
  const trainingFile = (await client.files.upload({ content: '{"text": "The whale swims in the sea."}' })).id
  const long = await client.jobs.create({ model: 'base', trainingFile, suffix: 'sea/long', hyperparameters: { maxSteps: 100_000, patience: 0 } })
  const pairs = join(folder, 'waiting.jsonl')
  writeFileSync(pairs, '{"positive": "a", "negative": "b"}')
  const told = await weft(['steer', pairs, '--name', 'tone/waiting'], { interruptAt: 'tone/waiting is queued' })
  const { id, status } = (await client.jobs.list()).data.find(({ suffix }) => suffix === 'tone/waiting')!
  await Promise.all([client.jobs.cancel(id), client.jobs.cancel(long.id)])
  expect({ ...told, left: status }).toMatchObject({ status: 1, stdout: '', left: 'queued' })
  expect(told.stderr).toMatch(new RegExp(`tone/waiting is queued; it begins when a runner is free .+\nweft: It goes on .+ watch ${id}" .+ cancel ${id}" .+\n$`))
})

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadModel } from '../load.ts'
import { LocalHub } from '../testing/local-hub.ts'
import { writeSafetensors } from '../testing/safetensors.ts'
import { temporaryFolder, tinyConfig, tinyTensors, writeTinyModel } from '../testing/tiny-llama.ts'
import { type DownloadProgress, downloadModel } from './hub.ts'

let hub: LocalHub
let endpoint: string
let cacheDir: string
const download = (options: Partial<Parameters<typeof downloadModel>[1]> = {}) => downloadModel('org/tiny', { cacheDir, endpoint, ...options })
const coded = (code: string, message = '') => expect.objectContaining({ code, message: expect.stringContaining(message) })
const WEIGHTS = 'model.safetensors'

beforeEach(async () => {
  // Nobody is signed in.
  vi.stubEnv('HF_TOKEN_PATH', join(temporaryFolder(), 'token'))
  hub = new LocalHub(writeTinyModel(temporaryFolder()))
  writeFileSync(join(hub.folder, 'README.md'), 'not needed')
  endpoint = await hub.listen()
  cacheDir = temporaryFolder()
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await hub.close()
})

test('a hub id loads like a folder, from HF_ENDPOINT, with progress', async () => {
  const before = process.env.HF_ENDPOINT
  process.env.HF_ENDPOINT = `${endpoint}/`
  try {
    const seen: DownloadProgress[] = []
    const model = await loadModel('org/tiny', { stateDir: cacheDir, onProgress: (progress) => seen.push(progress) })
    expect(model.name).toBe('tiny')
    expect(model.fingerprint).toBe((await loadModel(hub.folder)).fingerprint)
    expect(seen.at(-1)).toMatchObject({ file: WEIGHTS, done: seen[0].total })
    expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).sort((a, b) => a - b))
    expect(existsSync(join(model.folder, 'README.md'))).toBe(false)
  } finally {
    if (before === undefined) delete process.env.HF_ENDPOINT
    else process.env.HF_ENDPOINT = before
  }
})

test('a second download fetches nothing, a changed file only itself', async () => {
  await download()
  const first = hub.requests.length
  await download()
  expect(hub.requests.length).toBe(first)
  writeFileSync(join(hub.folder, 'tokenizer_config.json'), '{"eos_token":"<eos>"}')
  const folder = await download()
  expect(hub.requests.slice(first).map(({ path }) => path)).toEqual(['tokenizer_config.json'])
  expect(readFileSync(join(folder, 'tokenizer_config.json'), 'utf8')).toBe('{"eos_token":"<eos>"}')
})

test('what the hub no longer has is read no longer', async () => {
  writeFileSync(join(hub.folder, 'chat_template.jinja'), 'old')
  const before = await loadModel(await download())
  expect(before.chat.template).toBe('old')
  // New weights, in a shard: beside the old single file they would never be read.
  rmSync(join(hub.folder, WEIGHTS))
  rmSync(join(hub.folder, 'chat_template.jinja'))
  const shard = 'model-00001-of-00001.safetensors'
  const tensors = tinyTensors({ ...tinyConfig, initializer_range: 0.1 })
  tensors['model.norm.weight'].bytes.fill(0)
  writeSafetensors(join(hub.folder, shard), tensors)
  const index = { metadata: {}, weight_map: Object.fromEntries(Object.keys(tensors).map((name) => [name, shard])) }
  writeFileSync(join(hub.folder, 'model.safetensors.index.json'), JSON.stringify(index))
  const after = await loadModel(await download())
  expect(after.fingerprint).not.toBe(before.fingerprint)
  expect(after.fingerprint).toBe((await loadModel(hub.folder)).fingerprint)
  expect(after.chat.template).toBeNull()
  expect(existsSync(join(after.folder, WEIGHTS))).toBe(false)
})

test('chat templates that lie in a folder of their own come along, and go when the hub has them no more', async () => {
  const templates = join(hub.folder, 'additional_chat_templates')
  mkdirSync(templates)
  writeFileSync(join(templates, 'tool_use.jinja'), 'with tools')
  mkdirSync(join(hub.folder, 'onnx'))
  writeFileSync(join(hub.folder, 'onnx/model.safetensors'), 'not needed')
  const folder = await download()
  expect(readFileSync(join(folder, 'additional_chat_templates/tool_use.jinja'), 'utf8')).toBe('with tools')
  expect(existsSync(join(folder, 'onnx'))).toBe(false)
  rmSync(templates, { recursive: true })
  await download()
  expect(existsSync(join(folder, 'additional_chat_templates/tool_use.jinja'))).toBe(false)
})

test('a transfer that breaks off goes on where it stopped', async () => {
  hub.cuts.set(WEIGHTS, [5000, 3000])
  const folder = await download()
  expect(readFileSync(join(folder, WEIGHTS))).toEqual(readFileSync(join(hub.folder, WEIGHTS)))
  const ranges = hub.requests.filter(({ path }) => path === WEIGHTS).map(({ range }) => range)
  expect(ranges).toEqual([undefined, 'bytes=5000-', 'bytes=8000-'])
})

test('a download that was given up goes on in the next run', async () => {
  // One that brought something counts for nothing.
  hub.cuts.set(WEIGHTS, [6000, 0, 0])
  await expect(download({ attempts: 2 })).rejects.toThrowError(coded('hub_broken', '6000 of'))
  hub.requests.length = 0
  await download()
  expect(hub.requests).toMatchObject([{ path: WEIGHTS, range: 'bytes=6000-' }])
  expect(readdirSync(join(cacheDir, 'org--tiny', 'main')).filter((name) => name.endsWith('.incomplete'))).toEqual([])
})

test.skipIf(!existsSync('/dev/full'))('a full disk is said to be full, and nothing is asked for again', async () => {
  const digest = createHash('sha256')
    .update(readFileSync(join(hub.folder, WEIGHTS)))
    .digest('hex')
  const folder = join(cacheDir, 'org--tiny', 'main')
  const partial = join(folder, `${WEIGHTS}.${digest.slice(0, 16)}.incomplete`)
  mkdirSync(folder, { recursive: true })
  symlinkSync('/dev/full', partial)
  await expect(download()).rejects.toThrowError(coded('disk_refused', 'no space left on device'))
  expect(hub.requests.filter(({ path }) => path === WEIGHTS)).toHaveLength(1)
  rmSync(partial)
  await download()
  expect(readFileSync(join(folder, WEIGHTS))).toEqual(readFileSync(join(hub.folder, WEIGHTS)))
})

test('a corrupt file is deleted and refused; the next run fetches it anew', async () => {
  hub.corrupt.add(WEIGHTS)
  await expect(download()).rejects.toThrowError(coded('hub_corrupt', WEIGHTS))
  expect(readdirSync(join(cacheDir, 'org--tiny', 'main')).filter((name) => name.startsWith('model'))).toEqual([])
  hub.corrupt.clear()
  hub.corrupt.add('tokenizer.json')
  cacheDir = temporaryFolder()
  await expect(download()).rejects.toThrowError(coded('hub_corrupt', 'tokenizer.json'))
  hub.corrupt.clear()
  expect(existsSync(join(await download(), WEIGHTS))).toBe(true)
})

test('of several who fetch the same at once one does, and all have it', async () => {
  hub.cuts.set(WEIGHTS, [6000, 0])
  await expect(download({ attempts: 1 })).rejects.toThrowError(coded('hub_broken'))
  hub.requests.length = 0
  const notes: string[] = []
  const folders = await Promise.all([1, 2, 3].map(() => download({ onNote: (text) => notes.push(text) })))
  expect(new Set(folders).size).toBe(1)
  expect(readFileSync(join(folders[0], WEIGHTS))).toEqual(readFileSync(join(hub.folder, WEIGHTS)))
  expect(hub.requests).toMatchObject([{ path: WEIGHTS, range: 'bytes=6000-' }])
  expect(notes).toEqual(Array(2).fill('org/tiny is being fetched by another process, which is waited for.'))
})

test('what the hub refuses is told apart by what it says of why', async () => {
  const accessToken = 'hf_test'
  const other = (options = {}) => downloadModel('org/other', { cacheDir, endpoint, ...options })
  await expect(other()).rejects.toThrowError(coded('hub_not_found', 'has no repository org/other, or shows it to nobody without a token'))
  await expect(other({ accessToken })).rejects.toThrowError(coded('hub_not_found', 'the account of HF_TOKEN, or of hf auth login, may not see it'))
  await expect(download({ revision: 'v2' })).rejects.toThrowError(coded('hub_revision_not_found', 'no revision v2'))
  hub.gated = true
  await expect(download()).rejects.toThrowError(coded('hub_gated', `Ask for it at ${endpoint}/org/tiny, and set HF_TOKEN`))
  await expect(download({ accessToken })).rejects.toThrowError(coded('hub_gated', 'the account of HF_TOKEN, or of hf auth login, has no access'))
  hub.gated = false
  hub.status = 401
  hub.reason = { message: 'Invalid credentials in Authorization header' }
  await expect(download({ accessToken })).rejects.toThrowError(coded('hub_token_refused', 'expired'))
  hub.status = 403
  hub.reason = { message: 'Access to this resource is disabled.' }
  await expect(download({ accessToken })).rejects.toThrowError(coded('hub_refused', 'answered 403 for org/tiny: Access to this resource is disabled. '))
  // The hub's client would refuse it, too, without asking.
  await expect(download({ accessToken: 'secret' })).rejects.toThrowError(coded('hub_token_malformed', 'hf_'))
  // A mirror that says no more.
  hub.reason = {}
  hub.status = 404
  await expect(download({ revision: 'v2' })).rejects.toThrowError(coded('hub_not_found', 'org/tiny with a revision v2'))
  hub.status = 500
  await expect(download()).rejects.toThrowError(coded('hub_refused', 'answered 500 for org/tiny. Try again later'))
})

test('a file that goes between the listing and its transfer is said to be gone', async () => {
  const gone = download({ onProgress: () => rmSync(join(hub.folder, WEIGHTS), { force: true }) })
  await expect(gone).rejects.toThrowError(coded('hub_file_gone', WEIGHTS))
})

test('a revision whose name has a slash is that one', async () => {
  hub.revisions.set('feature/x', writeTinyModel(temporaryFolder(), { config: { ...tinyConfig, initializer_range: 0.1 } }))
  const folder = await download({ revision: 'feature/x' })
  expect(hub.listings).toEqual(['feature/x'])
  expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toMatchObject({ initializer_range: 0.1 })
})

test('without network a complete copy serves; without a copy the error says what to do', async () => {
  const folder = await download()
  const notes: string[] = []
  const onNote = (text: string): unknown => notes.push(text)
  hub.status = 503
  expect(await download({ onNote })).toBe(folder)
  await hub.close()
  expect(await download({ onNote })).toBe(folder)
  expect(notes).toEqual([
    expect.stringContaining('answered 503; the copy of org/tiny that was fetched before is taken'),
    expect.stringContaining('was not reached'),
  ])
  await expect(downloadModel('org/other', { cacheDir, endpoint })).rejects.toThrowError(coded('hub_offline', 'HF_ENDPOINT'))
})

test('HF_HUB_OFFLINE asks nobody: a whole copy serves, and one that lacks a file does not', async () => {
  const folder = await download()
  vi.stubEnv('HF_HUB_OFFLINE', '1')
  const notes: string[] = []
  expect(await download({ onNote: (text) => notes.push(text) })).toBe(folder)
  expect(notes).toEqual(['HF_HUB_OFFLINE is set; the copy of org/tiny that was fetched before is taken.'])
  expect(hub.listings).toEqual(['main'])
  await expect(download({ revision: 'v2' })).rejects.toThrowError(
    coded('hub_offline', 'HF_HUB_OFFLINE is set, and no complete copy of org/tiny at revision v2'),
  )
  rmSync(join(folder, WEIGHTS))
  await expect(download()).rejects.toThrowError(coded('hub_offline', 'no complete copy'))
})

test('a proxy that Node was not told to read is named where the hub is not reached', async () => {
  await hub.close()
  vi.stubEnv('HTTPS_PROXY', 'http://proxy:3128')
  await expect(download()).rejects.toThrowError(coded('hub_offline', 'NODE_USE_ENV_PROXY=1'))
  vi.stubEnv('NODE_USE_ENV_PROXY', '1')
  await expect(download()).rejects.toThrowError(coded('hub_offline', 'Check the network, or HF_ENDPOINT'))
  await hub.listen()
})

test('an unsupported architecture is refused before its weights are fetched', async () => {
  writeFileSync(join(hub.folder, 'config.json'), JSON.stringify({ ...tinyConfig, model_type: 'rwkv' }))
  await expect(download()).rejects.toThrowError(coded('unsupported_architecture', 'rwkv'))
  expect(hub.requests.map(({ path }) => path)).toEqual(['config.json'])
})

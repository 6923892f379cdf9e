import { join } from 'node:path'
import { loadModel } from '@weft/model'
import { LocalHub } from '@weft/model/testing/local-hub'
import { writeTinyGguf } from '@weft/model/testing/tiny-gguf'
import { temporaryFolder, writeTinyModel } from '@weft/model/testing/tiny-llama'
import { afterEach, expect, test, vi } from 'vitest'
import { findOrPull } from './find-or-pull.ts'

afterEach(() => vi.unstubAllEnvs())

test('a GGUF of a repository is pulled once, and is loaded by the same name', async () => {
  const hub = new LocalHub(temporaryFolder())
  writeTinyGguf(join(hub.folder, 'tiny-Q8_0.gguf'))
  vi.stubEnv('HF_ENDPOINT', await hub.listen())
  vi.stubEnv('WEFT_MODELS', temporaryFolder())
  const said: string[] = []
  await findOrPull('org/tiny:Q8_0', (text) => said.push(text))
  expect(said.at(-1)).toMatch(/^100 % of .+ \(tiny-Q8_0\.gguf\)$/)
  await expect(findOrPull('org/tiny:Q5', () => {})).rejects.toMatchObject({ code: 'gguf_undecided', message: expect.stringContaining('tiny-Q8_0.gguf') })
  // What is here is asked of nobody.
  await hub.close()
  await findOrPull('org/tiny:Q8_0', () => expect.unreachable())
  expect((await loadModel('org/tiny:Q8_0')).name).toBe('tiny-Q8_0')
})

test('a revision is pulled once, and is loaded by its name', async () => {
  const hub = new LocalHub(temporaryFolder())
  hub.revisions.set('v1', writeTinyModel(temporaryFolder()))
  vi.stubEnv('HF_ENDPOINT', await hub.listen())
  vi.stubEnv('WEFT_MODELS', temporaryFolder())
  expect(await findOrPull('org/tiny', () => {}, 'v1')).toBe('org/tiny@v1')
  await hub.close()
  expect(await findOrPull('org/tiny', () => expect.unreachable(), 'v1')).toBe('org/tiny@v1')
  expect((await loadModel('org/tiny@v1')).fingerprint).toBe((await loadModel(hub.revisions.get('v1')!)).fingerprint)
  await expect(findOrPull(temporaryFolder(), () => {}, 'v1')).rejects.toMatchObject({ code: 'revision_of_nothing' })
})

test('a path that is here is that, whatever it is spelled like, and what is nowhere is refused', async () => {
  vi.stubEnv('WEFT_MODELS', temporaryFolder())
  const here = temporaryFolder()
  await findOrPull(here, () => expect.unreachable())
  await expect(findOrPull('no such model', () => {})).rejects.toMatchObject({ code: 'model_not_found' })
})

import { join } from 'node:path'
import { LocalHub } from '@weft/model/testing/local-hub'
import { writeTinyGguf } from '@weft/model/testing/tiny-gguf'
import { temporaryFolder } from '@weft/model/testing/tiny-llama'
import { afterEach, expect, test, vi } from 'vitest'
import { findOrPull } from './find-or-pull.ts'

afterEach(() => vi.unstubAllEnvs())

test('a GGUF of a repository is pulled once, and is loaded by the name that it has then', async () => {
  const hub = new LocalHub(temporaryFolder())
  writeTinyGguf(join(hub.folder, 'tiny-Q8_0.gguf'))
  vi.stubEnv('HF_ENDPOINT', await hub.listen())
  vi.stubEnv('WEFT_MODELS', temporaryFolder())
  const said: string[] = []
  expect(await findOrPull('org/tiny:Q8_0', (text) => said.push(text))).toBe('org/tiny')
  expect(said.at(-1)).toContain('tiny-Q8_0.gguf: 100 %')
  // What is here is asked of nobody.
  await hub.close()
  expect(await findOrPull('org/tiny:Q8_0', () => {})).toBe('org/tiny')
  expect(await findOrPull('org/tiny', () => {})).toBe('org/tiny')
})

test('a path that is here is that, whatever it is spelled like, and what is nowhere is refused', async () => {
  vi.stubEnv('WEFT_MODELS', temporaryFolder())
  const here = temporaryFolder()
  expect(await findOrPull(here, () => {})).toBe(here)
  await expect(findOrPull('no such model', () => {})).rejects.toMatchObject({ code: 'model_not_found' })
})

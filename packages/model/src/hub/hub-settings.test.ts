import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../testing/tiny-llama.ts'
import { hubSettings } from './hub-settings.ts'

const nobody = { HF_TOKEN_PATH: '/nowhere/token' }

test('the hub itself, without a token, unless something is said', () => {
  expect(hubSettings({}, nobody)).toEqual({ endpoint: 'https://huggingface.co', offline: false })
  expect(hubSettings({}, { ...nobody, HF_ENDPOINT: '', HF_TOKEN: ' ', HF_HUB_OFFLINE: '0' })).toEqual({ endpoint: 'https://huggingface.co', offline: false })
  const env = { HF_ENDPOINT: 'https://mirror/', HF_TOKEN: 'hf_a\n', HF_HUB_OFFLINE: 'Yes' }
  expect(hubSettings({}, env)).toEqual({ endpoint: 'https://mirror', accessToken: 'hf_a', offline: true })
  expect(hubSettings({ endpoint: 'http://here', accessToken: 'hf_b' }, env)).toMatchObject({ endpoint: 'http://here', accessToken: 'hf_b' })
  expect(() => hubSettings({}, { HF_TOKEN: 'secret' })).toThrow(expect.objectContaining({ code: 'hub_token_malformed' }))
})

test('what hf auth login stored is sent, where no other token is said', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'token')
  writeFileSync(file, 'hf_stored\n')
  expect(hubSettings({}, { HF_HOME: folder }).accessToken).toBe('hf_stored')
  expect(hubSettings({}, { HF_TOKEN_PATH: file }).accessToken).toBe('hf_stored')
  expect(hubSettings({}, { HF_HOME: folder, HF_TOKEN: 'hf_said' }).accessToken).toBe('hf_said')
  expect(hubSettings({}, { HF_HOME: folder, HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }).accessToken).toBeUndefined()
  writeFileSync(file, 'of another hub')
  expect(hubSettings({}, { HF_HOME: folder }).accessToken).toBeUndefined()
})

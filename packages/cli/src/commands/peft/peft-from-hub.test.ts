import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSafetensors } from '@weft/adapters'
import { LocalHub } from '@weft/model/testing/local-hub'
import { writeSafetensors } from '@weft/model/testing/safetensors'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { typed } from '../../../test/typed.ts'

const root = join(import.meta.dirname, '../../../../..')
const golden = join(root, 'test/golden/peft/gpt2')
const base = join(golden, 'base-causal_lm')

let scratch: string
let hub: LocalHub
beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'weft-hub-'))
  hub = new LocalHub(join(scratch, 'hub'))
  cpSync(join(golden, 'lora.causal_lm'), hub.folder, { recursive: true })
  vi.stubEnv('HF_ENDPOINT', await hub.listen())
  vi.stubEnv('HF_TOKEN', undefined)
  // Where the user's cache is.
  vi.stubEnv('HOME', scratch)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await hub.close()
  rmSync(scratch, { recursive: true })
})

const weftImport = (...args: string[]) => typed('import', ...args, '--model', base, '--config', join(root, 'weft.config.ts'))

const imported = async (...args: string[]): Promise<Buffer> => {
  const out = join(scratch, `${Math.random()}.safetensors`)
  expect(await weftImport(...args, '--out', out)).toMatchObject({ status: 0 })
  return readFileSync(out)
}

test('what the hub has is imported as the same folder is, and nothing else of the repository is fetched', async () => {
  writeFileSync(join(hub.folder, 'README.md'), 'a card')
  cpSync(join(golden, 'ia3.causal_lm'), join(hub.folder, 'checkpoint-10'), { recursive: true })
  expect(await imported('org/tiny')).toEqual(await imported(join(golden, 'lora.causal_lm')))
  expect(hub.requests.map(({ path }) => path)).toEqual(['adapter_config.json', 'adapter_model.safetensors'])
  // One that lies in a folder of its name.
  expect(await imported('org/tiny', '--adapter', 'checkpoint-10')).toEqual(await imported(join(golden, 'ia3.causal_lm')))
})

test('an only adapter in a folder is taken; of several one has to be named', async () => {
  rmSync(hub.folder, { recursive: true })
  cpSync(join(golden, 'lora.causal_lm'), join(hub.folder, 'friendly'), { recursive: true })
  expect(await imported('org/tiny')).toEqual(await imported(join(golden, 'lora.causal_lm')))
  cpSync(join(golden, 'ia3.causal_lm'), join(hub.folder, 'legal'), { recursive: true })
  const out = ['--out', join(scratch, 'x.safetensors')]
  expect(await weftImport('org/tiny', ...out)).toMatchObject({ status: 2, stderr: expect.stringContaining('/org/tiny holds the adapters friendly, legal') })
  expect(await weftImport('org/tiny', '--adapter', 'calm', ...out)).toMatchObject({ status: 2, stderr: expect.stringContaining('holds no adapter "calm"') })
})

test('what is for another base is refused by its header, before its weights are fetched', async () => {
  const weights = join(hub.folder, 'adapter_model.safetensors')
  const { tensors } = readSafetensors(new Uint8Array(readFileSync(weights)))
  const widen = 1024
  const wider = Object.fromEntries(
    Object.entries(tensors).map(([name, { shape }]) => {
      const [rows, columns] = shape[1] > shape[0] ? [shape[0], shape[1] * widen] : [shape[0] * widen, shape[1]]
      return [name, { dtype: 'F32' as const, shape: [rows, columns], bytes: new Uint8Array(4 * rows * columns) }]
    }),
  )
  writeSafetensors(weights, wider)
  const out = ['--out', join(scratch, 'x.safetensors')]
  expect(await weftImport('org/tiny', ...out)).toMatchObject({ status: 2, stderr: expect.stringMatching(/width at .*lora_A/) })
  const sent = hub.requests.filter(({ path }) => path === 'adapter_model.safetensors').map(({ range }) => range)
  expect(sent).toEqual(['bytes=0-7', expect.stringMatching(/^bytes=0-\d+$/)])
})

test('without the network an earlier copy serves', async () => {
  const before = await imported('org/tiny')
  await hub.close()
  const out = join(scratch, 'copy.safetensors')
  expect(await weftImport('org/tiny', '--out', out)).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('the copy of org/tiny that was fetched before is taken'),
  })
  expect(readFileSync(out)).toEqual(before)
  await hub.listen()
})

test('what cannot be fetched, or read, is said by what it is', async () => {
  const out = ['--out', join(scratch, 'x.safetensors')]
  expect(await weftImport('org/other', ...out)).toMatchObject({
    stderr: expect.stringMatching(/There is no folder org\/other here; .*\n.*has no repository org\/other/),
  })
  expect(await weftImport('org/tiny', '--revision', 'v2', ...out)).toMatchObject({ stderr: expect.stringContaining('no revision v2 of it') })
  expect(await weftImport(join(golden, 'lora.causal_lm'), '--revision', 'v2', ...out)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('which is on this machine: leave one of them out'),
  })
  rmSync(join(hub.folder, 'adapter_model.safetensors'))
  expect(await weftImport('org/tiny', ...out)).toMatchObject({ stderr: expect.stringContaining('There is no file') })
  writeFileSync(join(hub.folder, 'adapter_model.bin'), 'x')
  expect(await weftImport('org/tiny', ...out)).toMatchObject({ stderr: expect.stringContaining('/org/tiny/adapter_model.bin is a pickle') })
  rmSync(join(hub.folder, 'adapter_config.json'))
  expect(await weftImport('org/tiny', ...out)).toMatchObject({ status: 2, stderr: expect.stringContaining('it holds no adapter_config.json') })
  writeFileSync(join(hub.folder, 'lora-f16.gguf'), 'x')
  expect(await weftImport('org/tiny', ...out)).toMatchObject({ status: 2, stderr: expect.stringContaining('but lora-f16.gguf. Fetch that file') })
  for (const what of ['org/lora.gguf', 'org/tiny@v2', 'https://huggingface.co/org/tiny', 'org/tiny/friendly'])
    expect(await weftImport(what, ...out), what).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is no file or folder of this machine, and no id of the hub'),
    })
})

import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AdapterState, floatTensor, readAdapter, writeAdapter } from '@weft/adapters'
import { afterAll, expect, test } from 'vitest'
import { typed } from '../../../test/typed.ts'
import { startOf } from '../../launcher/processes.ts'

const root = join(import.meta.dirname, '../../../../..')
const golden = join(root, 'test/golden/peft')
const config = join(root, 'weft.config.ts')
const scratch = mkdtempSync(join(tmpdir(), 'weft-peft-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** A command line's exit code, and what it says beside its result. */
const weft = async (...args: string[]): Promise<{ status: number; stderr: string }> => {
  const { status, stderr } = await typed(...args, '--config', config)
  return { status, stderr }
}

const same = (one: string, other: string): boolean =>
  readFileSync(join(one, 'adapter_model.safetensors')).equals(readFileSync(join(other, 'adapter_model.safetensors')))

test('in and out again: the base is found by what it was called, and named adapters keep their folder', async () => {
  const [file, out] = [join(scratch, 'named.safetensors'), join(scratch, 'named')]
  const named = join(golden, 'qwen3/lora-named.causal_lm')
  expect(await weft('import', named, '--model', join(golden, 'qwen3/base-causal_lm'), '--out', file)).toEqual({
    status: 0,
    stderr: `Taking the adapter "friendly", the only one in ${named}.\n`,
  })
  expect(await weft('export', file, '--out', out, '--adapter', 'friendly', '--base-model-name', 'qwen3-tiny')).toEqual({ status: 0, stderr: '' })
  expect(readdirSync(out)).toEqual(['friendly'])
  expect(JSON.parse(readFileSync(join(out, 'friendly/adapter_config.json'), 'utf8'))).toMatchObject({
    peft_type: 'LORA',
    base_model_name_or_path: 'qwen3-tiny',
    r: 2,
  })
  // What went out comes in again, to the same file.
  const again = join(scratch, 'again.safetensors')
  // The only adapter of a folder is taken without being named, and which one that was is said.
  const back = ['import', out, '--model', join(golden, 'qwen3/base-causal_lm'), '--out', again, '--force']
  expect(await weft(...back)).toEqual({ status: 0, stderr: `Taking the adapter "friendly", the only one in ${out}.\n` })
  expect(await weft(...back, '--adapter', 'friendly')).toEqual({ status: 0, stderr: '' })
  const out2 = join(scratch, 'out2')
  expect(await weft('export', again, out2)).toEqual({ status: 0, stderr: '' })
  expect(same(join(out, 'friendly'), out2)).toBe(true)
  // What is there is kept, unless it is said that it need not be.
  const exists = { status: 2, stderr: expect.stringContaining('adapter_config.json already. Name another, or say --force') }
  expect(await weft('export', again, out2)).toMatchObject(exists)
  expect(await weft('export', again, out, '--adapter', 'friendly')).toMatchObject(exists)
  expect(await weft('export', again, out2, '--force')).toEqual({ status: 0, stderr: '' })
  expect(await weft('import', out2, '--model', join(golden, 'qwen3/base-causal_lm'), '--out', again)).toMatchObject({ status: 2 })
})

test.skipIf(process.platform !== 'linux')('a place where no folder can be made ends it', async () => {
  const file = join(scratch, 'nowhere.safetensors')
  expect(await weft('import', join(golden, 'gpt2/lora.causal_lm'), '--model', join(golden, 'gpt2/base-causal_lm'), '--out', file)).toEqual({
    status: 0,
    stderr: '',
  })
  expect(await weft('export', file, '/proc/weft/out')).toEqual({
    status: 2,
    stderr: 'weft: The folder /proc/weft/out cannot be written: no folder can be made there.\n',
  })
})

test('several adapters in one folder are listed, and one is asked for', async () => {
  const several = join(scratch, 'several')
  for (const [name, from] of [
    ['one', 'lora.causal_lm'],
    ['two', 'ia3.causal_lm'],
  ])
    cpSync(join(golden, 'gpt2', from), join(several, name), { recursive: true })
  const into = ['--model', join(golden, 'gpt2/base-causal_lm'), '--out', join(scratch, 'x.safetensors'), '--force']
  expect(await weft('import', several, ...into)).toMatchObject({ status: 2, stderr: expect.stringMatching(/one, two.*--adapter/) })
  expect(await weft('import', several, '--adapter', 'three', ...into)).toMatchObject({ status: 2, stderr: expect.stringMatching(/"three".*one, two/) })
  expect(await weft('import', several, '--adapter', 'two', ...into)).toEqual({ status: 0, stderr: '' })
  // One that is called `default` lies in the folder itself, and is what is meant.
  cpSync(join(golden, 'gpt2/lora.causal_lm'), several, { recursive: true })
  expect(await weft('import', several, ...into)).toEqual({ status: 0, stderr: '' })
})

test('a pickle is refused with the way to convert it; an empty folder, and another base, by name', async () => {
  const pickled = join(scratch, 'pickled')
  cpSync(join(golden, 'gpt2/lora.causal_lm'), pickled, { recursive: true })
  renameSync(join(pickled, 'adapter_model.safetensors'), join(pickled, 'adapter_model.bin'))
  const into = ['--model', join(golden, 'gpt2/base-causal_lm'), '--out', join(scratch, 'y.safetensors')]
  expect(await weft('import', pickled, ...into)).toMatchObject({ status: 2, stderr: expect.stringContaining("torch.load('adapter_model.bin'") })
  mkdirSync(join(scratch, 'empty'))
  expect(await weft('import', join(scratch, 'empty'), ...into)).toMatchObject({ status: 2, stderr: expect.stringContaining('adapter_config.json') })
  expect(await weft('import', join(scratch, 'nowhere'), ...into)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('is no file or folder of this machine'),
  })
  const itself = join(golden, 'gpt2/lora.causal_lm/adapter_config.json')
  expect(await weft('import', itself, ...into)).toMatchObject({ status: 2, stderr: expect.stringMatching(/^weft: [^\n]+it is a file; expected a folder\n$/) })
  // A folder is no adapter file: the name is asked for at the edge.
  const asked = await weft('export', join(scratch, 'empty'), '--out', join(scratch, 'x'), '--url', 'http://127.0.0.1:9')
  expect(asked).toMatchObject({ status: 1, stderr: expect.stringContaining('Nothing answers at') })

  const file = join(scratch, 'z.safetensors')
  expect(await weft('import', join(golden, 'gpt2/lora.causal_lm'), '--model', join(golden, 'gpt2/base-causal_lm'), '--out', file)).toEqual({
    status: 0,
    stderr: '',
  })
  expect(await weft('export', file, '--out', join(scratch, 'z'), '--model', join(golden, 'llama/base-causal_lm'))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('fits only the model it was trained on'),
  })
  expect(await weft('import', file, '--name', 'x/y', '--model', join(golden, 'gpt2/base-causal_lm'))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(`Publish it as it is: npx weft publish ${file} --name x/y`),
  })
  const composed = await weft('export', 'p/lora + p/ia3', '--out', join(scratch, 'z'))
  expect(composed).toMatchObject({ status: 2, stderr: expect.stringContaining('such as PEFT with add_weighted_adapter') })
  expect(composed.stderr).not.toContain('llama.cpp')
  expect(await weft('export', file)).toMatchObject({ status: 2, stderr: expect.stringContaining('--out') })
  writeFileSync(join(scratch, 'no-adapter'), readFileSync(join(golden, 'gpt2/lora.causal_lm/adapter_model.safetensors')))
  expect(await weft('export', join(scratch, 'no-adapter'), '--out', join(scratch, 'z'))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('weft import'),
  })
})

test('without --model a checkpoint is read for the model of the weft that runs on the state folder, where that is the one which is asked', async () => {
  const [state, out] = [join(scratch, 'running'), join(scratch, 'served.safetensors')]
  mkdirSync(state)
  const lock = { pid: process.ppid, started: startOf(process.ppid), launch: 'x', model: join(golden, 'gpt2/base-causal_lm'), url: 'http://127.0.0.1:9' }
  writeFileSync(join(state, 'lock'), JSON.stringify(lock))
  const asked = ['import', join(golden, 'gpt2/lora.causal_lm'), '--state', state, '--out', out]
  expect(await weft(...asked)).toEqual({ status: 0, stderr: '' })
  expect((await readAdapter(new Uint8Array(readFileSync(out)))).manifest.base).toMatchObject({ name: 'base', architecture: 'gpt2' })
  expect(await weft(...asked, '--force', '--url', 'http://127.0.0.1:10')).toMatchObject({ status: 2 })
})

test("a control vector of llama.cpp is imported as an adapter, and another model's is refused", async () => {
  const [file, out] = [join(root, 'test/golden/gguf/control-vector.gguf'), join(scratch, 'control.safetensors')]
  const base = (of: string) => ['--model', join(golden, of, 'base-causal_lm'), '--out', out, '--force']
  expect(await weft('import', file, ...base('llama'))).toEqual({ status: 0, stderr: '' })
  const { manifest, state } = await readAdapter(new Uint8Array(readFileSync(out)))
  expect(manifest).toMatchObject({ method: 'steering', config: { layers: [1, 3], rank: 0 }, task: 'CAUSAL_LM' })
  expect([...(state.residual['3.vector'].data as Float32Array)]).toEqual(Array.from({ length: 32 }, (_, h) => 3 + h / 16))
  expect(await weft('import', file, ...base('qwen3'))).toMatchObject({ status: 2, stderr: expect.stringContaining('another base model') })
  expect(await weft('import', file, ...base('llama'), '--labels', 'a')).toMatchObject({ status: 2, stderr: expect.stringContaining('--labels') })
})

test('a steering vector is exported as a control vector, and comes in again as the same adapter; what is none is refused', async () => {
  const [golden32, file, out] = [join(root, 'test/golden/gguf/control-vector.gguf'), join(scratch, 'steering.safetensors'), join(scratch, 'out.gguf')]
  const base = ['--model', join(golden, 'llama/base-causal_lm')]
  expect(await weft('import', golden32, ...base, '--out', file)).toEqual({ status: 0, stderr: '' })
  const gguf = ['--format', 'gguf', '--out', out]
  expect(await weft('export', file, ...base, ...gguf)).toEqual({ status: 0, stderr: '' })
  expect(readFileSync(out).equals(readFileSync(golden32))).toBe(true)
  const again = join(scratch, 'steering-again.safetensors')
  expect(await weft('import', out, ...base, '--out', again)).toEqual({ status: 0, stderr: '' })
  expect(readFileSync(again).equals(readFileSync(file))).toBe(true)

  expect(await weft('export', file, ...base, ...gguf, '--adapter', 'x')).toMatchObject({ status: 2, stderr: expect.stringContaining('--adapter') })
  expect(await weft('export', '0.5*tone/formal', ...base, ...gguf)).toMatchObject({ status: 2, stderr: expect.stringContaining('--control-vector-scaled') })

  const made = await readAdapter(new Uint8Array(readFileSync(file)))
  const written = async (name: string, residual: AdapterState['residual'], config: object): Promise<string> => {
    const path = join(scratch, `${name}.safetensors`)
    writeFileSync(path, await writeAdapter({ ...made.manifest, config: { ...made.manifest.config, ...config } }, { residual }))
    return path
  }
  const edit = { '1.vector': floatTensor([32]), '1.a': floatTensor([2, 32]), '1.b': floatTensor([32, 2]) }
  const elsewhere = join(scratch, 'elsewhere.safetensors')
  expect(await weft('import', join(golden, 'llama/ia3.causal_lm'), ...base, '--out', elsewhere)).toEqual({ status: 0, stderr: '' })
  for (const [adapter, said] of [
    [await written('edit', edit, { layers: [1], rank: 2 }), '1.a is part of a low-rank edit'],
    [await written('first', { '0.vector': floatTensor([32]) }, { layers: [0] }), 'layer 0'],
    [elsewhere, 'acts at scale'],
  ])
    expect(await weft('export', adapter, ...base, ...gguf, '--force')).toMatchObject({ status: 2, stderr: expect.stringContaining(said) })
})

test("llama.cpp's LoRA is imported and exported, and another model's, and what has no place in it, are refused", async () => {
  const base = (of: string) => ['--model', join(golden, of, 'base-causal_lm'), '--force']
  const [theirs, file, out] = [join(root, 'test/golden/gguf/lora-llama.gguf'), join(scratch, 'lora.safetensors'), join(scratch, 'lora.gguf')]
  expect(await weft('import', theirs, ...base('llama'), '--out', file)).toEqual({ status: 0, stderr: '' })
  expect((await readAdapter(new Uint8Array(readFileSync(file)))).manifest).toMatchObject({ method: 'lora', config: { r: 2, loraAlpha: 3 }, task: 'CAUSAL_LM' })
  expect(await weft('export', file, ...base('llama'), '--format', 'gguf', '--out', out)).toEqual({ status: 0, stderr: '' })
  const again = join(scratch, 'lora-again.safetensors')
  expect(await weft('import', out, ...base('llama'), '--out', again)).toEqual({ status: 0, stderr: '' })
  expect(readFileSync(again).equals(readFileSync(file))).toBe(true)

  const into = ['--out', join(scratch, 'never.safetensors')]
  expect(await weft('import', theirs, ...base('qwen3'), ...into)).toMatchObject({ status: 2, stderr: expect.stringContaining('another base model') })
  expect(await weft('import', theirs, ...base('llama'), ...into, '--set', 'r=4')).toMatchObject({ status: 2, stderr: expect.stringContaining('--set') })
  const biased = join(scratch, 'biased.safetensors')
  expect(await weft('import', join(golden, 'qwen2/lora-bias.causal_lm'), ...base('qwen2'), '--out', biased)).toEqual({ status: 0, stderr: '' })
  const refused = await weft('export', biased, ...base('qwen2'), '--format', 'gguf', '--out', join(scratch, 'biased.gguf'))
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('Train it with bias "none"') })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AdapterState, floatTensor, identical, type LoadedAdapter, readAdapter, readSafetensors, writeAdapter } from '@weft/adapters'
import { exportPeft, fromLowRank, importPeft, toLowRank } from '@weft/methods'
import { loadModel, type ModelShape } from '@weft/model'
import { readLowRank } from '@weft/model/low-rank/read-low-rank'
import { expect, test } from 'vitest'
import { lora } from '../plugins/lora/index.ts'

const golden = join(import.meta.dirname, 'golden')
const specs = new Map<string, ModelShape['spec']>()
const specOf = async (family: string) => {
  const spec = specs.get(family) ?? (await loadModel(join(golden, 'peft', family, 'base-causal_lm'))).spec
  specs.set(family, spec)
  return spec
}
const base = { name: 'tiny', fingerprint: 'f'.repeat(64) }

/** An adapter of a checkpoint of PEFT's, its config changed. */
async function checkpoint(family: string, folder: string, change: Record<string, unknown> = {}): Promise<LoadedAdapter> {
  const model = await specOf(family)
  const [config, weights] = ['adapter_config.json', 'adapter_model.safetensors'].map((name) => readFileSync(join(golden, 'peft', family, folder, name)))
  const changed = JSON.stringify({ ...JSON.parse(config.toString()), ...change })
  const { manifest, state, params } = await importPeft({ config: changed, weights }, [lora], { model, base })
  return readAdapter(await writeAdapter(manifest, state, params), { model })
}

test.each([
  ['llama', 'lora-all-linear.causal_lm', 'lora-llama'],
  ['llama', 'lora-alora.causal_lm', 'lora-llama-alora'],
  ['gemma3_text', 'lora-all-linear.causal_lm', 'lora-gemma3'],
  ['qwen3', 'lora-named.causal_lm/friendly', 'lora-qwen3'],
])("what llama.cpp's converter makes of a checkpoint comes in with the checkpoint's tensors: %s, %s", async (family, folder, file) => {
  const model = await specOf(family)
  const read = await readLowRank(join(golden, 'gguf', `${file}.gguf`), model)
  const { manifest, state, params } = await fromLowRank(read, [lora], { model, base })
  const loaded = await readAdapter(await writeAdapter(manifest, state, params), { model })
  const { tensors } = readSafetensors(exportPeft(loaded, [lora], model).weights)
  const theirs = readSafetensors(readFileSync(join(golden, 'peft', family, folder, 'adapter_model.safetensors'))).tensors
  const named = (name: string) => name.replace(/\.(default|friendly)\./, '.')
  expect(Object.keys(tensors).sort()).toEqual(Object.keys(theirs).map(named).sort())
  for (const [name, tensor] of Object.entries(theirs)) expect(Buffer.from(tensors[named(name)].bytes).equals(Buffer.from(tensor.bytes))).toBe(true)
  const config = JSON.parse(readFileSync(join(golden, 'peft', family, folder, 'adapter_config.json'), 'utf8')) as Record<string, unknown>
  expect(manifest.config).toMatchObject({ r: config.r, loraAlpha: config.lora_alpha, aloraInvocationTokens: config.alora_invocation_tokens ?? null })
})

test('B goes out as it was trained where alpha/R of each module gives what acts', async () => {
  const model = await specOf('llama')
  const plain = await checkpoint('llama', 'lora-all-linear.causal_lm', { use_rslora: false })
  const { alpha, pairs } = toLowRank(plain, [lora], model)
  expect(alpha).toBe(3)
  const [module, { b }] = [...pairs][0]
  expect(identical(b, plain.state.linear[`${module}.b`])).toBe(false)
  const back = await fromLowRank({ alpha, pairs }, [lora], { model, base })
  for (const [name, tensor] of Object.entries(plain.state.linear)) expect(identical(back.state.linear[name], tensor)).toBe(true)
  expect(back.manifest.config).toMatchObject({ r: 2, loraAlpha: 3, rankPattern: {}, alphaPattern: {} })
})

test.each([
  ['rsLoRA', {}],
  ['alphas of modules', { use_rslora: false, alpha_pattern: { q_proj: 7 } }],
])('elsewhere it goes out as it acts, beside an alpha of 0, and comes in to the same state: %s', async (_, change) => {
  const model = await specOf('llama')
  const adapter = await checkpoint('llama', 'lora-all-linear.causal_lm', change)
  const written = toLowRank(adapter, [lora], model)
  expect(written.alpha).toBe(0)
  const back = await fromLowRank(written, [lora], { model, base })
  expect(Object.keys(back.state)).toEqual(['linear'])
  for (const [name, tensor] of Object.entries(adapter.state.linear)) expect(identical(back.state.linear[name], tensor)).toBe(true)
})

test('an invocation goes along, and ranks of modules', async () => {
  const model = await specOf('llama')
  const waiting = await checkpoint('llama', 'lora-alora.causal_lm')
  const written = toLowRank(waiting, [lora], model)
  expect(written.invocation).toEqual((waiting.manifest.config as { aloraInvocationTokens: number[] }).aloraInvocationTokens)
  const back = await fromLowRank(written, [lora], { model, base })
  expect(identical(back.state.activatedLinear.invocations, waiting.state.activatedLinear.invocations)).toBe(true)

  const some = [...written.pairs].slice(0, 3)
  const [[module, { a, b }]] = some
  const wider = { a: floatTensor([4, a.shape[1]]), b: floatTensor([b.shape[0], 4]) }
  for (const alpha of [0, 6]) {
    const { manifest } = await fromLowRank({ alpha, pairs: new Map([...some, [module, wider]]) }, [lora], { model, base })
    expect(manifest.config).toMatchObject({
      r: 2,
      loraAlpha: alpha || 2,
      rankPattern: { [module]: 4 },
      alphaPattern: alpha ? {} : { [module]: 4 },
      targetModules: some.map(([name]) => name),
    })
  }
})

test.each<[string, (adapter: LoadedAdapter) => LoadedAdapter, string]>([
  ['a classifier', (of) => ({ ...of, manifest: { ...of.manifest, task: 'SEQ_CLS' } }), 'made for SEQ_CLS'],
  ['DoRA', (of) => withState(of, { scale: {} }), 'use_dora false'],
  ['rows beside it', (of) => withState(of, { inputsEmbeds: {} }), 'acts at inputsEmbeds too'],
  ['biases', (of) => withState(of, { linear: { ...of.state.linear, 'x.bias': floatTensor([1]) } }), 'bias "none"'],
  ['nothing', (of) => withState(of, { linear: {} }), 'changes nothing'],
])('refused: %s', async (_, change, said) => {
  const adapter = await checkpoint('llama', 'lora-all-linear.causal_lm')
  const model = await specOf('llama')
  expect(() => toLowRank(change(adapter), [lora], model)).toThrow(
    expect.objectContaining({ status: 422, code: 'not_low_rank', message: expect.stringContaining(said) }),
  )
})

const withState = (of: LoadedAdapter, state: AdapterState): LoadedAdapter => ({ ...of, state: { ...of.state, ...state } })

/**
 * A LoRA over every linear layer, served here and, exported as GGUF, by llama.cpp: greedy answers of both with it and without it, on the same weights in
 * float32, and how near a tie each parting is. node-llama-cpp is no dependency: it is installed in a folder of its own.
 *
 *     mkdir -p /tmp/llama && npm install --prefix /tmp/llama node-llama-cpp@3.22.1
 *     npx node test/acceptance/llama/lora-peer.ts --llama /tmp/llama --model FILE.gguf [--tokens 32] [--rank 4] [--alpha 8] [--strength 0.005] [--rslora] [--json]
 *
 * `--strength` is the size of a module's B·A·s beside its frozen weight's; `--rslora` takes α/√R, which the file has to say with other numbers.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FloatTensor, floatTensor, identical, type LoadedAdapter, Random, readAdapter, writeAdapter } from '@weft/adapters'
import type { Engine, Named } from '@weft/inference/engine'
import { openEngine } from '@weft/inference/open-engine'
import { createPrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import { encodeState, fromLowRank, paramsToKeep, parseConfig, toLowRank } from '@weft/methods'
import { type LoadedModel, loadModel, precisionOf } from '@weft/model'
import { readLowRank } from '@weft/model/low-rank/read-low-rank'
import { writeLowRank } from '@weft/model/low-rank/write-low-rank'
import { openRuntime } from '@weft/ort'
import { lora } from '../../../plugins/lora/index.ts'
import { scriptOptions } from '../script-options.ts'
import { writeFloat32Gguf } from './float32-gguf.ts'
import { llamaGreedy, llamaMargin, llamaSequences } from './llama-cpp.ts'

const values = scriptOptions(
  {
    llama: { type: 'string' },
    model: { type: 'string' },
    tokens: { type: 'string', default: '32' },
    rank: { type: 'string', default: '4' },
    alpha: { type: 'string', default: '8' },
    strength: { type: 'string', default: '0.005' },
    rslora: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
  { llama: 'FOLDER', model: 'FILE.gguf' },
)
const count = Number(values.tokens)
const prompts = ['The capital of France is', 'Once upon a time, in a village by the sea,', 'def fibonacci(n):']

/** A of unit rows, B as large as makes B·A·s the strength's part of the weight; each module's are others. */
async function randomAdapter(model: LoadedModel): Promise<LoadedAdapter> {
  const random = new Random(1)
  const config = parseConfig(lora, { r: Number(values.rank), loraAlpha: Number(values.alpha), targetModules: 'all-linear', useRslora: values.rslora })
  const [rank, alpha] = [Number(values.rank), Number(values.alpha)]
  const scale = alpha / (values.rslora ? Math.sqrt(rank) : rank)
  const params: Record<string, FloatTensor> = {}
  for (const [module, [out, input]] of Object.entries(model.spec.modules)) {
    const weight = await model.weights.read(`${module}.weight`)
    const size = Math.sqrt(weight.reduce((sum, value) => sum + value * value, 0) / weight.length)
    const normal = (length: number, std: number) => Float32Array.from({ length }, () => random.normal() * std)
    params[`${module}.lora_A`] = floatTensor([rank, input], normal(rank * input, 1))
    params[`${module}.lora_B`] = floatTensor([out, rank], normal(out * rank, (Number(values.strength) * size * Math.sqrt(input)) / scale))
  }
  const state = encodeState(lora, params, config, model.spec)
  const base = { name: model.name, fingerprint: model.fingerprint, architecture: model.spec.architecture }
  const manifest = { method: lora.id, config, base, task: 'CAUSAL_LM' as const, lineage: {} }
  return readAdapter(await writeAdapter(manifest, state, paramsToKeep(lora, params, state, { config, model: model.spec })), { model: model.spec })
}

interface Row {
  lora: 'without' | 'with'
  prompt: string
  own: number[]
  text: string
  tokens: number
  /** How many of our tokens are llama.cpp's too. */
  same: number
  /** By how many nats it prefers its own, where they part. */
  llama_margin: number | null
}

async function greedy(engine: Engine, asked: Named, tokens: number[]): Promise<number[]> {
  const read: number[] = []
  const options = { prompt: { tokens }, maxTokens: count, temperature: 0, topP: 1, topK: 0, stop: [] }
  for await (const event of await engine.generate(asked, options)) if ('token' in event) read.push(event.token)
  return read
}

const scratch = mkdtempSync(join(tmpdir(), 'weft-llama-lora-'))
const runtime = openRuntime()
try {
  const model = await loadModel(values.model, { precision: precisionOf('float32') })
  const { spec } = model
  const adapter = await randomAdapter(model)
  const file = join(scratch, 'lora.gguf')
  writeFileSync(file, await writeLowRank(toLowRank(adapter, [lora], spec), spec))
  const back = await fromLowRank(await readLowRank(file, spec), [lora], { model: spec, base: adapter.manifest.base })
  const comesBack = Object.entries(adapter.state.linear).every(([name, tensor]) => identical(tensor, back.state.linear[name]))

  const peer = join(scratch, 'float32.gguf')
  await writeFloat32Gguf(values.model, peer)
  const engine = await openEngine(model, {
    runtime,
    device: 'cpu',
    threads: 1,
    fixed: createPrefixCache(1 << 26),
    maxBatch: 1,
    maxWaiting: 1,
    prefillChunk: 512,
  })
  const named: Named = { key: 'lora', composed: { segments: [], sites: adapter.state, longestPrefix: 0 } }
  const rows: Row[] = []
  for (const kind of ['without', 'with'] as const) {
    const asked = kind === 'with' ? named : null
    const [sequence] = await llamaSequences(values.llama, peer, { exact: true, ...(asked && { lora: file }) })
    for (const prompt of prompts) {
      const tokens = model.tokenizer!.encode(prompt)
      const own = await greedy(engine, asked, tokens)
      const other = await llamaGreedy(sequence, tokens, own.length)
      const at = own.findIndex((token, i) => token !== other[i])
      const text = model.tokenizer!.decode(own).slice(0, 40)
      const margin = at < 0 ? null : await llamaMargin(sequence, [...tokens, ...own.slice(0, at)], [other[at], own[at]])
      rows.push({ lora: kind, prompt, own, text, tokens: own.length, same: at < 0 ? own.length : at, llama_margin: margin })
    }
  }
  await engine.close()
  const half = rows.length / 2
  const changed = rows.slice(0, half).filter(({ own }, i) => own.join() !== rows[half + i].own.join()).length
  const equal = rows.filter(({ same, tokens }) => same === tokens).length
  const settings = { rank: Number(values.rank), alpha: Number(values.alpha), rslora: values.rslora, modules: Object.keys(spec.modules).length }
  if (values.json) console.log(JSON.stringify({ ...settings, comes_back: comesBack, changed, equal, rows: rows.map(({ own: _, ...row }) => row) }))
  else {
    console.log('| LoRA | prompt | ours begins | tokens | same | llama.cpp prefers its own by |\n|---|---|---|---|---|---|')
    for (const row of rows)
      console.log(`| ${row.lora} | ${row.prompt} | ${JSON.stringify(row.text)} | ${row.tokens} | ${row.same} | ${row.llama_margin?.toFixed(4) ?? '–'} |`)
    console.log(
      `${equal} of ${rows.length} equal; the LoRA changes ${changed} of ${half}; its file comes back ${comesBack ? 'bit for bit' : 'CHANGED'}; ${JSON.stringify(settings)}`,
    )
  }
} finally {
  rmSync(scratch, { recursive: true })
  runtime.dispose()
}
process.exit(0)

/**
 * Greedy answers beside llama.cpp's, on the same GGUF, and how near a tie each parting is: by how many nats each engine prefers its own token there, and by
 * how many float32 prefers ours. node-llama-cpp is no dependency: it is installed in a folder of its own.
 *
 *     mkdir -p /tmp/llama && npm install --prefix /tmp/llama node-llama-cpp@3.22.1
 *     npx node test/acceptance/llama-peer.ts --llama /tmp/llama --model FILE.gguf [--precision int4] [--tokens 64] [--exact] [--float32] [--json]
 *
 * `--exact` has llama.cpp keep keys and values in float32, without flash attention; `--float32` gives it the same weights in float32 besides, so that it
 * rounds no activations.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '@weft/inference/engine'
import { openEngine } from '@weft/inference/open-engine'
import { createPrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import { loadModel, precisionOf, type WeightPrecision } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { writeFloat32Gguf } from './llama/float32-gguf.ts'
import { llamaGreedy, llamaMargin, llamaSequences } from './llama/llama-cpp.ts'
import { scriptOptions } from './script-options.ts'

const values = scriptOptions(
  {
    llama: { type: 'string' },
    model: { type: 'string' },
    precision: { type: 'string', default: 'int4' },
    tokens: { type: 'string', default: '64' },
    exact: { type: 'boolean', default: false },
    float32: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
  { llama: 'FOLDER', model: 'FILE.gguf' },
)
const { llama, model: file } = values
const count = Number(values.tokens)
const prompts = [
  'The capital of France is',
  'Once upon a time, in a village by the sea,',
  'Water boils at',
  'def fibonacci(n):',
  'The three primary colors are',
  'Dear Sir or Madam,',
  'In 1969, the first human',
  'My favorite recipe for bread begins with',
]

const runtime = openRuntime()
async function withEngine<T>(precision: string, use: (engine: Engine) => Promise<T>): Promise<T> {
  const model = await loadModel(file, { precision: precisionOf(precision as WeightPrecision) })
  const engine = await openEngine(model, {
    runtime,
    device: 'cpu',
    threads: 1,
    fixed: createPrefixCache(1 << 26),
    maxBatch: 1,
    maxWaiting: 1,
    prefillChunk: 512,
  })
  return use(engine).finally(() => engine.close())
}
/** By how much we prefer one token to another after these, in nats. */
async function margin(engine: Engine, tokens: readonly number[], pair: readonly [number, number]): Promise<number> {
  const { results } = await engine.score(null, { texts: pair.map((token) => [...tokens, token]), tokenLogprobs: true })
  const [one, other] = results.map(({ tokenLogprobs }) => tokenLogprobs!.at(-1)!)
  return one - other
}

interface Parting {
  prompt: string
  at: number
  before: number[]
  /** Ours, theirs. */
  pair: [number, number]
  text: string[]
  /** By how many nats we prefer ours, and llama.cpp its own. */
  ours: number
  theirs: number
}

async function greedy(engine: Engine, tokens: number[]): Promise<number[]> {
  const read: number[] = []
  const options = { prompt: { tokens }, maxTokens: count, temperature: 0, topP: 1, topK: 0, stop: [] }
  for await (const event of await engine.generate(null, options)) if ('token' in event) read.push(event.token)
  return read
}

const scratch = mkdtempSync(join(tmpdir(), 'weft-llama-'))
let partings: Parting[]
try {
  const peer = values.float32 ? join(scratch, 'float32.gguf') : file
  if (values.float32) await writeFloat32Gguf(file, peer)
  const [sequence] = await llamaSequences(llama, peer, { exact: values.exact || values.float32 })
  partings = await withEngine(values.precision, async (engine) => {
    const tokenizer = engine.model.tokenizer!
    const found: Parting[] = []
    for (const prompt of prompts) {
      const tokens = tokenizer.encode(prompt)
      const own = await greedy(engine, tokens)
      const other = await llamaGreedy(sequence, tokens, own.length)
      const at = own.findIndex((token, at) => token !== other[at])
      if (at < 0) continue
      const before = [...tokens, ...own.slice(0, at)]
      const pair: [number, number] = [own[at], other[at]]
      const text = pair.map((token) => tokenizer.decode([token], { skipSpecialTokens: false }))
      const margins = { ours: await margin(engine, before, pair), theirs: await llamaMargin(sequence, before, [pair[1], pair[0]]) }
      found.push({ prompt, at, before, pair, text, ...margins })
    }
    return found
  })
} finally {
  rmSync(scratch, { recursive: true })
}
const inFloat32 = (): Promise<number[]> =>
  withEngine('float32', async (engine) => {
    const read: number[] = []
    for (const { before, pair } of partings) read.push(await margin(engine, before, pair))
    return read
  })
const exact = values.precision === 'float32' || partings.length === 0 ? partings.map(({ ours }) => ours) : await inFloat32()
runtime.dispose()

const round = (nats: number): number => Number(nats.toFixed(3))
const table = partings.map(({ prompt, at, text, ours, theirs }, i) => ({
  prompt,
  same_tokens: at,
  tokens: text,
  margin: round(ours),
  llama_margin: round(theirs),
  float32_margin: round(exact[i]),
}))
const settings = { precision: values.precision, llama: values.float32 ? 'float32' : values.exact ? 'exact' : 'default' }
const equal = prompts.length - partings.length
if (values.json) console.log(JSON.stringify({ ...settings, prompts: prompts.length, tokens: count, equal, partings: table }))
else {
  console.log('| prompt | same tokens | ours, llama.cpp | our margin | llama.cpp, for its own | float32, for ours |\n|---|---|---|---|---|---|')
  for (const row of table)
    console.log(
      `| ${row.prompt} | ${row.same_tokens} | ${row.tokens.map((token) => JSON.stringify(token)).join(', ')} | ${row.margin} | ${row.llama_margin} | ${row.float32_margin} |`,
    )
  console.log(`${equal} of ${prompts.length} equal; ${JSON.stringify(settings)}`)
}
process.exit(0)

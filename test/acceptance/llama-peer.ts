/**
 * Greedy answers beside llama.cpp's, on the same GGUF. node-llama-cpp is no dependency: it is installed in a folder of its own.
 *
 *     mkdir -p /tmp/llama && npm install --prefix /tmp/llama node-llama-cpp@3.22.1
 *     npx node test/acceptance/llama-peer.ts --llama /tmp/llama --model FILE.gguf [--precision int4] [--tokens 64]
 */
import { openEngine } from '@weft/inference/open-engine'
import { createPrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import { loadModel, precisionOf, type WeightPrecision } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { llamaSequences } from './llama-cpp.ts'
import { scriptOptions } from './script-options.ts'

const values = scriptOptions(
  {
    llama: { type: 'string' },
    model: { type: 'string' },
    precision: { type: 'string', default: 'int4' },
    tokens: { type: 'string', default: '64' },
  },
  { llama: 'FOLDER', model: 'FILE.gguf' },
)
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
const model = await loadModel(values.model, { precision: precisionOf(values.precision as WeightPrecision) })
const engine = await openEngine(model, { runtime, device: 'cpu', threads: 1, fixed: createPrefixCache(1 << 26), maxBatch: 1, maxWaiting: 1, prefillChunk: 512 })
const tokensOf = prompts.map((text) => model.tokenizer!.encode(text))
const ours: number[][] = []
for (const tokens of tokensOf) {
  const read: number[] = []
  const options = { prompt: { tokens }, maxTokens: count, temperature: 0, topP: 1, topK: 0, stop: [] }
  for await (const event of await engine.generate(null, options)) if ('token' in event) read.push(event.token)
  ours.push(read)
}
await engine.close()
runtime.dispose()

const [sequence] = await llamaSequences(values.llama, values.model)
let equal = 0
for (const [i, tokens] of tokensOf.entries()) {
  await sequence.clearHistory()
  const theirs: number[] = []
  for await (const token of sequence.evaluate(tokens, { temperature: 0 })) {
    theirs.push(token)
    if (theirs.length >= ours[i].length) break
  }
  const first = ours[i].findIndex((token, at) => token !== theirs[at])
  if (first < 0) equal++
  console.log(JSON.stringify({ prompt: prompts[i], tokens: ours[i].length, first_difference: first < 0 ? null : first }))
}
console.log(JSON.stringify({ prompts: prompts.length, equal }))
process.exit(0)

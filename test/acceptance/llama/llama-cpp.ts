import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What is used of node-llama-cpp's sequence. */
export interface LlamaSequence {
  clearHistory(): Promise<void>
  evaluate(tokens: number[], options: { temperature: number; yieldEogToken?: boolean }): AsyncIterable<number>
  /** Feeds tokens; of one with options, what the model says of the next. */
  controlledEvaluate(
    input: (number | [token: number, options: { generateNext: { logits: { filter: { tokens: readonly number[] } } } }])[],
  ): Promise<({ next: { logits?: Map<number, number> } } | undefined)[]>
}

export interface LlamaSettings {
  /** Sequences of the context. Default 1. */
  count?: number
  /** Keys and values in float32 and attention in separate products, in the place of its defaults: float16, and flash attention where it has that. */
  exact?: boolean
  /** A LoRA in GGUF that acts at strength 1. */
  lora?: string
}

/**
 * Sequences of one context of llama.cpp, on one thread of the CPU. node-llama-cpp is no dependency: it is installed in a folder of its own.
 *
 *     mkdir -p /tmp/llama && npm install --prefix /tmp/llama node-llama-cpp@3.22.1
 *
 * @param folder where it is installed
 */
export async function llamaSequences(folder: string, model: string, { count = 1, exact = false, lora }: LlamaSettings = {}): Promise<LlamaSequence[]> {
  const entry = createRequire(join(resolve(folder), 'package.json')).resolve('node-llama-cpp')
  const { getLlama } = await import(pathToFileURL(entry).href)
  const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1, logLevel: 'error' })
  const loaded = await llama.loadModel({ modelPath: resolve(model) })
  const context = await loaded.createContext({
    contextSize: 512,
    sequences: count,
    threads: 1,
    batchSize: 512,
    ...(lora !== undefined && { lora: resolve(lora) }),
    ...(exact && { flashAttention: false, experimentalKvCacheKeyType: 'F32', experimentalKvCacheValueType: 'F32' }),
  })
  return Array.from({ length: count }, () => context.getSequence() as LlamaSequence)
}

/** At most so many tokens as llama.cpp goes on with after these, each the likeliest. */
export async function llamaGreedy(sequence: LlamaSequence, tokens: number[], most: number): Promise<number[]> {
  await sequence.clearHistory()
  const read: number[] = []
  for await (const token of sequence.evaluate(tokens, { temperature: 0, yieldEogToken: true })) if (read.push(token) >= most) break
  return read
}

/** By how much llama.cpp prefers one token to another after these, in nats. */
export async function llamaMargin(sequence: LlamaSequence, tokens: readonly number[], [one, other]: readonly [number, number]): Promise<number> {
  await sequence.clearHistory()
  const asked = { generateNext: { logits: { filter: { tokens: [one, other] } } } }
  const said = await sequence.controlledEvaluate([...tokens.slice(0, -1), [tokens.at(-1)!, asked]])
  const logits = said.at(-1)?.next.logits
  return logits!.get(one)! - logits!.get(other)!
}

import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What is used of node-llama-cpp's sequence. */
export interface LlamaSequence {
  clearHistory(): Promise<void>
  evaluate(tokens: number[], options: { temperature: number; yieldEogToken?: boolean }): AsyncIterable<number>
}

/**
 * Sequences of one context of llama.cpp, on one thread of the CPU. node-llama-cpp is no dependency: it is installed in a folder of its own.
 *
 *     mkdir -p /tmp/llama && npm install --prefix /tmp/llama node-llama-cpp@3.22.1
 *
 * @param folder where it is installed
 */
export async function llamaSequences(folder: string, model: string, count = 1): Promise<LlamaSequence[]> {
  const entry = createRequire(join(resolve(folder), 'package.json')).resolve('node-llama-cpp')
  const { getLlama } = await import(pathToFileURL(entry).href)
  const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1, logLevel: 'error' })
  const loaded = await llama.loadModel({ modelPath: resolve(model) })
  const context = await loaded.createContext({ contextSize: 512, sequences: count, threads: 1, batchSize: 512 })
  return Array.from({ length: count }, () => context.getSequence() as LlamaSequence)
}

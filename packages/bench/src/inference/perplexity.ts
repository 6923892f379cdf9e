import { whale } from '@weft/corpora'
import { openEngine } from '@weft/inference/open-engine'
import { devicePrecision } from '@weft/inference/precision/device-precision'
import { createPrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import { loadModel, type WeightPrecision } from '@weft/model'
import { openRuntime, type Runtime } from '@weft/ort'
import { round } from '../statistics.ts'

export interface BenchPerplexityOptions {
  /** Folder, GGUF file, package or hub id. */
  model: string
  /** The first is what the others are compared with. */
  precisions?: readonly WeightPrecision[]
  /** Passages that are read; chapters of Moby Dick unless `texts` are given. */
  passages?: number
  texts?: readonly string[]
  /** Tokens of each. */
  tokens?: number
  threads?: number
}

export interface BenchPerplexityResult {
  model: string
  passages: number
  tokens: number
  rows: { precision: WeightPrecision; perplexity: number; over_first: number; load_s: number }[]
}

/** Perplexity per token of the same texts with the weights held in each precision, as inference reads them. */
export async function benchPerplexity(options: BenchPerplexityOptions): Promise<BenchPerplexityResult> {
  const { precisions = ['float32', 'int8', 'int4'], passages = 8, tokens = 256, threads = 1 } = options
  const texts = (options.texts ?? whale().map(({ text }) => text)).slice(0, passages)
  const runtime = openRuntime()
  const rows: BenchPerplexityResult['rows'] = []
  try {
    for (const precision of precisions) {
      const { perplexity, seconds } = await measured(runtime, options.model, precision, texts, tokens, threads)
      rows.push({
        precision,
        perplexity: round(perplexity, 3),
        over_first: round(perplexity / (rows[0]?.perplexity ?? perplexity), 4),
        load_s: round(seconds, 1),
      })
    }
  } finally {
    runtime.dispose()
  }
  return { model: options.model, passages: texts.length, tokens, rows }
}

async function measured(runtime: Runtime, source: string, precision: WeightPrecision, texts: readonly string[], tokens: number, threads: number) {
  const started = performance.now()
  const model = await loadModel(source, { precision: devicePrecision('cpu', precision) })
  const engine = await openEngine(model, { runtime, device: 'cpu', threads, fixed: createPrefixCache(1 << 20), maxBatch: 1, maxWaiting: 1, prefillChunk: 512 })
  const seconds = (performance.now() - started) / 1000
  try {
    const read = texts.map((text) => model.tokenizer!.encode(text).slice(0, tokens))
    const { results } = await engine.score(null, { texts: read })
    const [sum, count] = results.reduce(([sum, count], { logprob, tokens }) => [sum + logprob, count + tokens], [0, 0])
    return { perplexity: Math.exp(-sum / count), seconds }
  } finally {
    await engine.close()
  }
}

import { Random } from '@weft/adapters'
import type { Engine, Named } from '@weft/inference/engine'
import { openEngine } from '@weft/inference/open-engine'
import { createPrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import type { LoadedModel } from '@weft/model'
import type { Runtime } from '@weft/ort'
import { composedOf } from '../inference/made-up-adapters.ts'
import { timedRequest } from '../inference/request.ts'
import { memoryMegabytes } from './environment.ts'
import type { GpuBenchOptions } from './options.ts'
import type { Line, Report } from './report.ts'

/** Rows of a step. */
const batches = [1, 8, 32, 128]
const kinds = ['bare', 'one composition', 'each its own'] as const

/** Tokens per second of so many rows: bare, all of one composition, and every row with one of its own; the time to a first token, and memory. */
export async function decoding(report: Report, runtime: Runtime, name: string, model: LoadedModel, { device, short }: GpuBenchOptions): Promise<void> {
  const what = `${name} ${model.precision?.compute}`
  const [prompt, tokens] = short ? [8, 4] : [110, 64]
  const most = short ? 8 : 128
  let engine: Engine | undefined
  try {
    await report.part('decoding', `${what}, opened`, 0, async () => {
      const started = performance.now()
      engine = await openEngine(model, {
        runtime,
        device,
        threads: short ? 1 : 8,
        fixed: createPrefixCache(4 * 2 ** 30),
        maxBatch: most,
        maxWaiting: most,
        prefillChunk: 256,
      })
      return { seconds: ((performance.now() - started) / 1000).toFixed(1), memory: memoryMegabytes(device) }
    })
    if (!engine) return
    const open = engine
    await report.part('decoding', `${what}, one request`, short ? 1 : 5, async () => {
      await timedRequest(open, null, promptOf(model, prompt, 'warm'), 4)
      const { ttft_ms, decode_ms_per_token } = await timedRequest(open, null, promptOf(model, prompt, 'one'), tokens)
      return { 'first token ms': ttft_ms.toFixed(1), 'ms a token': decode_ms_per_token.toFixed(2) }
    })
    for (const rows of batches.filter((count) => count <= most)) {
      for (const kind of kinds)
        await report.part('decoding', `${what}, ${rows} rows, ${kind}`, short ? 1 : 8, () =>
          throughput(open, model, rows, kind, { prompt, tokens: short ? tokens : tokens + rows }),
        )
    }
    await report.part('decoding', `${what}, memory`, 0, async () => ({ MB: memoryMegabytes(device) }))
  } finally {
    await engine?.close()
  }
}

const promptOf = (model: LoadedModel, length: number, seed: string): number[] => {
  const random = new Random(seed)
  return Array.from({ length }, () => random.integer(model.spec.vocabSize))
}

/** Between the moment when the last row has its first token and the moment when the first row ends, all decode. */
async function throughput(
  engine: Engine,
  model: LoadedModel,
  rows: number,
  kind: (typeof kinds)[number],
  { prompt, tokens }: { prompt: number; tokens: number },
): Promise<Line['figures']> {
  const of = async (row: number): Promise<Named> => {
    if (kind === 'bare') return null
    const seed = kind === 'one composition' ? 0 : row
    // Prefixes and LoRA by turns: what rows do inside layers lies side by side.
    const expression = kind === 'one composition' || row % 2 === 0 ? 'prefix/a' : 'lora/a'
    return { key: `${expression} ${seed}`, composed: (await composedOf(model, expression, { virtualTokens: 16, rank: 8 }, seed)).composed }
  }
  const named = await Promise.all(Array.from({ length: rows }, (_, row) => of(row)))
  const measure = async () => {
    const times: number[][] = await Promise.all(
      named.map(async (composition, row) => {
        const at: number[] = []
        const request = {
          prompt: { tokens: promptOf(model, prompt, `${kind} ${row}`) },
          maxTokens: tokens,
          temperature: 0,
          topP: 1,
          topK: 0,
          stop: [],
          ignoreEnd: true,
        }
        for await (const event of await engine.generate(composition, request)) if ('token' in event) at.push(performance.now())
        return at
      }),
    )
    const from = Math.max(...times.map(([first]) => first))
    const to = Math.min(...times.map((at) => at.at(-1)!))
    const decoded = times.reduce((sum, at) => sum + at.filter((time) => time > from && time <= to).length, 0)
    return to > from ? decoded / ((to - from) / 1000) : times.flat().length / ((Math.max(...times.flat()) - Math.min(...times.flat())) / 1000 || 1)
  }
  await measure() // sessions, caches
  return { 'tokens/s': (await measure()).toFixed(1) }
}

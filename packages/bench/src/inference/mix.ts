import { Random } from '@weft/adapters'
import { chooseDevice, type Device, findCudaCards } from '@weft/inference/device'
import type { Engine, Named } from '@weft/inference/engine'
import { openEngine } from '@weft/inference/open-engine'
import { devicePrecision } from '@weft/inference/precision/device-precision'
import { createPrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import { loadModel, type WeightPrecision } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { median, round } from '../statistics.ts'
import { composedOf } from './made-up-adapters.ts'
import { requirePositions } from './require-positions.ts'

/** What the rows compose, each an adapter of its own. `mixed`: rows of every kind side by side, bare ones among them. */
const mixKinds = {
  prefix: ['prefix/a'],
  lora: ['lora/a'],
  mixed: ['prefix/a', 'lora/a', 'bench/a', 'parallel/a', 'ia3/a', '0.5 * prefix/a', null],
} as const satisfies Record<string, readonly (string | null)[]>

export type MixKind = keyof typeof mixKinds

export interface BenchMixOptions {
  /** Folder, package or hub id; a bare config.json means random weights. */
  model: string
  /** How the frozen weights are held; float32 when absent. */
  precision?: WeightPrecision
  kind: MixKind
  /** Requests in flight, each with a composition of its own. */
  rows: number
  promptTokens: number
  /** Tokens to decode. */
  tokens: number
  /** Virtual tokens of each made-up adapter. */
  virtualTokens: number
  /** Rank of each made-up LoRA, over the modules that PEFT takes for the architecture. */
  rank: number
  /** Rounds of both, in turn, after one to warm up. */
  rounds: number
  threads?: number
  device?: Device | 'auto'
}

export interface BenchMixResult {
  model: string
  precision: WeightPrecision
  kind: MixKind
  rows: number
  prompt_tokens: number
  new_tokens: number
  virtual_tokens: number
  rounds: number
  /** Tokens generated in a second by all rows, prompts and queueing included: medians over the rounds. */
  bare_tokens_per_s: number
  composed_tokens_per_s: number
  /** Composed over bare throughput: the median of the rounds' ratios, whose two halves run one after the other. */
  ratio: number
  /** The same of CPU time, which other load on the machine moves less. */
  cpu_ratio: number
  bare_cpu_ms_per_token: number
  composed_cpu_ms_per_token: number
  peak_mb: number
}

/** Throughput of many requests at once where every row has a composition of its own, against as many bare rows, in turn. */
export async function benchMix(options: BenchMixOptions): Promise<BenchMixResult> {
  const { kind, rows, promptTokens, tokens, virtualTokens, rank, rounds, precision = 'float32', threads = 1 } = options
  const runtime = openRuntime()
  const device = chooseDevice(options.device ?? 'cpu', { providers: runtime.availableDevices(), cudaCards: findCudaCards() }).name
  const model = await loadModel(options.model, { precision: devicePrecision(device, precision) })
  requirePositions(model.spec.maxPositions, { virtual: kind === 'lora' ? 0 : virtualTokens, promptTokens, tokens })
  const engine = await openEngine(model, {
    runtime,
    device,
    threads,
    fixed: createPrefixCache(4 * 2 ** 30),
    maxBatch: rows,
    maxWaiting: rows,
    prefillChunk: 256,
  })
  try {
    const expressions = mixKinds[kind]
    const composed = await Promise.all(
      Array.from({ length: rows }, async (_, row): Promise<Named> => {
        const expression = expressions[row % expressions.length]
        return expression === null ? null : { key: `row ${row}`, composed: (await composedOf(model, expression, { virtualTokens, rank }, row)).composed }
      }),
    )
    const bare: Named[] = composed.map(() => null)
    const random = new Random('mix')
    // A prompt of its own for every row of every round: nothing of it was computed before.
    const prompt = () => Array.from({ length: promptTokens }, () => random.integer(Math.min(model.spec.vocabSize, 20_000)))
    const measure = (named: readonly Named[], count = tokens) =>
      throughput(
        engine,
        named.map((each) => ({ named: each, prompt: prompt() })),
        count,
      )
    // Sessions are made, and compositions computed.
    await measure(bare, 4)
    await measure(composed, 4)
    const found: { bare: Throughput; composed: Throughput }[] = []
    for (let i = 0; i < rounds; i++) {
      // Whoever comes second meets a warmer machine: they take turns at that.
      const first = i % 2 === 0 ? await measure(bare) : undefined
      const second = await measure(composed)
      found.push({ bare: first ?? (await measure(bare)), composed: second })
    }
    const of = (pick: (pair: (typeof found)[number]) => number, digits: number) => round(median(found.map(pick)), digits)
    return {
      model: model.name,
      precision,
      kind,
      rows,
      prompt_tokens: promptTokens,
      new_tokens: tokens,
      virtual_tokens: virtualTokens,
      rounds,
      bare_tokens_per_s: of((pair) => pair.bare.perSecond, 1),
      composed_tokens_per_s: of((pair) => pair.composed.perSecond, 1),
      ratio: of((pair) => pair.composed.perSecond / pair.bare.perSecond, 3),
      cpu_ratio: of((pair) => pair.bare.cpuMs / pair.composed.cpuMs, 3),
      bare_cpu_ms_per_token: of((pair) => pair.bare.cpuMs, 3),
      composed_cpu_ms_per_token: of((pair) => pair.composed.cpuMs, 3),
      peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    }
  } finally {
    await engine.close()
    runtime.dispose()
  }
}

interface Throughput {
  perSecond: number
  /** CPU time a token, all threads together. */
  cpuMs: number
}

/** All requests at once, greedy, to their last tokens. */
async function throughput(engine: Engine, requests: readonly { named: Named; prompt: number[] }[], tokens: number): Promise<Throughput> {
  const start = performance.now()
  const before = process.cpuUsage()
  const counts = await Promise.all(
    requests.map(async ({ named, prompt }) => {
      let count = 0
      for await (const event of await engine.generate(named, { prompt: { tokens: prompt }, maxTokens: tokens, temperature: 0, topP: 1, topK: 0, stop: [] }))
        if ('token' in event) count++
      return count
    }),
  )
  const { user, system } = process.cpuUsage(before)
  const generated = counts.reduce((sum, count) => sum + count, 0)
  return { perSecond: generated / ((performance.now() - start) / 1000), cpuMs: (user + system) / 1000 / generated }
}

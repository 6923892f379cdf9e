import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type AdapterState, type FloatTensor, type LoadedAdapter, parse, Random, readAdapter, writeAdapter } from '@weft/adapters'
import { chooseDevice, type Device, findCudaCards } from '@weft/inference/device'
import type { Engine, Named } from '@weft/inference/engine'
import { openEngine } from '@weft/inference/open-engine'
import { createPrefixCache } from '@weft/inference/prefix-cache'
import { type LoadedModel, loadModel, tokenRows } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { compositionOf } from './composition.ts'
import { type Timing, timedRequest } from './request.ts'

export interface BenchRunOptions {
  /** Folder, package or hub id; a bare config.json means random weights. */
  model: string
  /** An expression; adapters are made up for its names, by the folder they are in: `prefix/`, `lora/`, `ia3/`, `parallel/` (gated prefixes), rows for all others. */
  composition?: string
  /** Requests of each kind. */
  requests?: number
  promptTokens?: number
  /** Tokens to decode. */
  tokens?: number
  /** Virtual tokens of each made-up adapter. */
  virtualTokens?: number
  /** Rows decoded together, in a second measurement: bare, all of the composition, and each of one like it; default 1, none. */
  rows?: number
  /** Rank of each made-up LoRA, over the modules that PEFT takes for the architecture. */
  rank?: number
  threads?: number
  device?: Device | 'auto'
}

export interface BenchRunResult {
  model: string
  device: string
  threads: number
  requests: number
  prompt_tokens: number
  new_tokens: number
  virtual_tokens: number
  base: Timing
  /** The first request of a composition: its keys and values are computed. */
  cold: Timing
  warm: Timing
  /** Warm against base, request by request in turn, so that the machine's moods touch both. */
  warm_over_base: { ttft: number; ttft_cpu: number; per_token: number; per_token_cpu: number }
  /** CPU time of a decode step over several rows: as bare ones, and over that where all have one composition, or each its own. */
  batch?: { rows: number; base_cpu_ms_per_step: number; same_over_base: number; different_over_base: number }
  event_loop_delay_p99_ms: number
  peak_mb: number
}

/** Time to first token and decode speed at batch 1, with and without a composition, cold and warm. */
export async function benchRun(options: BenchRunOptions): Promise<BenchRunResult> {
  const { composition = 'bench/a', requests = 5, promptTokens = 110, tokens = 128, virtualTokens = 100, rank = 8, rows = 1, threads = 1 } = options
  const runtime = openRuntime()
  const device = chooseDevice(options.device ?? 'cpu', { providers: runtime.availableDevices(), cudaCards: findCudaCards() }).name
  const model = await loadModel(options.model)
  const fixed = createPrefixCache(1 << 30)
  const engine = await openEngine(model, { runtime, device, threads, fixed, maxBatch: rows, maxWaiting: rows, prefillChunk: 512 })
  const { composed, virtual } = await composedOf(model, composition, { virtualTokens, rank })
  const random = new Random('bench')
  const prompt = Array.from({ length: promptTokens }, () => random.integer(Math.min(model.spec.vocabSize, 20_000)))
  const request = (named: Named) => timedRequest(engine, named, prompt, tokens)
  try {
    await request(null) // the first run of a session sets its buffers up
    const base: Timing[] = [],
      cold: Timing[] = [],
      warm: Timing[] = []
    const warmKey: Named = { key: 'warm', composed }
    await request(warmKey)
    for (let i = 0; i < requests; i++) {
      base.push(await request(null))
      warm.push(await request(warmKey))
      cold.push(await request({ key: `cold ${i}`, composed }))
    }
    // By itself: a timer that fires every millisecond costs as much CPU time as the rest of the host's part of a step.
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    await request(null)
    await request(warmKey)
    delay.disable()
    const others = await Promise.all(
      Array.from({ length: rows }, async (_, row) => ({
        key: `row ${row}`,
        composed: (await composedOf(model, composition, { virtualTokens, rank }, row)).composed,
      })),
    )
    const batch =
      rows === 1
        ? undefined
        : await timedBatch(engine, { base: others.map(() => null), same: others.map(() => warmKey), different: others }, prompt.slice(0, 16), {
            tokens,
            rounds: requests,
          })
    const ratio = (name: keyof Timing) => round(median(warm.map((timing, i) => timing[name] / base[i][name])))
    return {
      model: model.name,
      device,
      threads,
      requests,
      prompt_tokens: promptTokens,
      new_tokens: tokens,
      virtual_tokens: virtual,
      base: medians(base),
      cold: medians(cold),
      warm: medians(warm),
      warm_over_base: {
        ttft: ratio('ttft_ms'),
        ttft_cpu: ratio('ttft_cpu_ms'),
        per_token: ratio('decode_ms_per_token'),
        per_token_cpu: ratio('decode_cpu_ms_per_token'),
      },
      ...(batch && {
        batch: {
          rows,
          base_cpu_ms_per_step: round(batch.base),
          same_over_base: round(batch.same / batch.base),
          different_over_base: round(batch.different / batch.base),
        },
      }),
      event_loop_delay_p99_ms: round(delay.percentile(99) / 1e6),
      peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    }
  } finally {
    await engine.close()
    runtime.dispose()
  }
}

/** Median CPU time of a step in which all rows decode, of each kind of batch, in turn. */
async function timedBatch(
  engine: Engine,
  kinds: { base: Named[]; same: Named[]; different: Named[] },
  prompt: number[],
  { tokens, rounds }: { tokens: number; rounds: number },
) {
  const step = async (rows: Named[]) => {
    let running = 0,
      steps = 0
    let last = process.cpuUsage()
    const times: number[] = []
    await Promise.all(
      rows.map(async (named, row) => {
        let started = false
        for await (const event of await engine.generate(named, { prompt: { tokens: prompt }, maxTokens: tokens, temperature: 0, topP: 1, topK: 0, stop: [] })) {
          if (!('token' in event)) running = -Infinity
          else if (!started) (started = true), running++
          if (row > 0) continue
          // The first row speaks once a step; those between which another came or left do not count.
          const { user, system } = process.cpuUsage(last)
          last = process.cpuUsage()
          if (running === rows.length && steps++ > 0) times.push((user + system) / 1000)
        }
      }),
    )
    return median(times)
  }
  const found: Record<keyof typeof kinds, number[]> = { base: [], same: [], different: [] }
  for (const rows of Object.values(kinds)) await step(rows) // sessions are made
  for (let round = 0; round < rounds; round++)
    for (const [kind, rows] of Object.entries(kinds) as [keyof typeof kinds, Named[]][]) found[kind].push(await step(rows))
  return { base: median(found.base), same: median(found.same), different: median(found.different) }
}

/** The expression's tensors over adapters of random numbers, others for every `seed`. */
async function composedOf(model: LoadedModel, expression: string, sizes: { virtualTokens: number; rank: number }, seed = 0) {
  const refs = new Map<string, LoadedAdapter>()
  for (const name of namesOf(parse(expression))) {
    const bytes = await writeAdapter(
      {
        method: 'bench',
        config: {},
        task: 'CAUSAL_LM',
        lineage: {},
        base: { name: model.name, fingerprint: model.fingerprint, architecture: model.spec.architecture },
      },
      madeUp(model, name, sizes, seed),
    )
    refs.set(name, await readAdapter(bytes, { model: model.spec }))
  }
  const composed = compositionOf(expression, refs, model.spec)
  const rows = composed.segments.reduce(
    (sum, segment) =>
      sum + (segment.kind === 'rows' ? segment.rows.shape[0] : (model.tokenizer?.encode(segment.text, { addSpecialTokens: false }).length ?? 0)),
    0,
  )
  return { composed, virtual: rows + (composed.sites.keyValue?.prefix.shape[3] ?? 0) }
}

function madeUp(model: LoadedModel, path: string, { virtualTokens: P, rank: R }: { virtualTokens: number; rank: number }, seed: number): AdapterState {
  const name = `${path} ${seed}`
  const { spec } = model
  const { attention, feedForward } = spec.roles ?? { attention: {}, feedForward: {} }
  const modules = (...ends: readonly (string | undefined)[]) =>
    Object.entries(spec.modules).filter(([module]) => ends.some((end) => end && module.endsWith(`.${end}`)))
  const prefix = () => noise([spec.numLayers, 2, spec.numKeyValueHeads, P, spec.headDim], name)
  switch (name.split('/')[0]) {
    case 'prefix':
      return { keyValue: { prefix: prefix() } }
    case 'parallel':
      return {
        gatedKeyValue: { prefix: prefix(), gate: noise([spec.numLayers, spec.numHeads, 1], `${name} gate`), lengths: { shape: [1], data: Float32Array.of(P) } },
      }
    case 'lora':
      return {
        linear: Object.fromEntries(
          modules(attention.query, attention.value, attention.queryKeyValue).flatMap(([module, [out, input]]) => [
            [`${module}.a`, noise([R, input], `${name} ${module} a`)],
            [`${module}.b`, noise([out, R], `${name} ${module} b`)],
          ]),
        ),
      }
    case 'ia3':
      return {
        scale: Object.fromEntries(
          modules(attention.key, attention.value, attention.queryKeyValue, feedForward.down).map(([module, [out, input]]) => {
            const [factor, size] = feedForward.down && module.endsWith(`.${feedForward.down}`) ? ['in', input] : ['out', out]
            return [`${module}.${factor}`, { shape: [size], data: noise([size], `${name} ${module}`).data.map((value) => 1 + value) }]
          }),
        ),
      }
    default:
      return { inputsEmbeds: { rows: vocabularyRows(model, P, name) } }
  }
}

function namesOf(node: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(node)) for (const item of node) namesOf(item, found)
  else if (node !== null && typeof node === 'object') {
    if ('kind' in node && node.kind === 'adapter' && 'name' in node && node.name !== 'base') found.add(node.name as string)
    namesOf(Object.values(node), found)
  }
  return found
}

function vocabularyRows(model: LoadedModel, count: number, seed: string): FloatTensor {
  const random = new Random(seed)
  const ids = Array.from({ length: count }, () => random.integer(model.spec.vocabSize))
  return { shape: [count, model.spec.hiddenSize], data: tokenRows(model, ids) }
}

function noise(shape: number[], seed: string): FloatTensor {
  const random = new Random(seed)
  return { shape, data: Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => random.normal(0, 0.1)) }
}

const round = (value: number) => Math.round(value * 1000) / 1000
const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]
const medians = (timings: Timing[]): Timing =>
  Object.fromEntries(Object.keys(timings[0]).map((name) => [name, round(median(timings.map((timing) => timing[name as keyof Timing])))])) as unknown as Timing

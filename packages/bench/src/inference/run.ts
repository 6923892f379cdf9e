import { chooseDevice, type Device, findCudaCards } from '@weft/inference/device'
import { openEngine } from '@weft/inference/open-engine'
import { devicePrecision } from '@weft/inference/precision/device-precision'
import { createPrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import { loadModel, type WeightPrecision } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { round } from '../statistics.ts'
import { besideBase, rowsTaken } from './composition.ts'
import { type CompositionSpeed, compositionSpeed } from './composition-speed.ts'
import { type DecodeProfile, decodeProfile } from './decode-profile.ts'
import { requirePositions } from './require-positions.ts'
import { type Speed, speedOf } from './speed.ts'

export interface BenchRunOptions {
  /** Folder, GGUF file, package or hub id; a bare config.json means random weights. */
  model: string
  precision?: WeightPrecision
  /** To measure besides: see `CompositionSpeedOptions`. */
  composition?: string
  /** Measurements of each kind, of which the median counts. */
  requests?: number
  promptTokens?: number
  /** Of an answer. */
  tokens?: number
  virtualTokens?: number
  /** Rows that decode together. */
  rows?: number
  rank?: number
  threads?: number
  device?: Device | 'auto'
  /** Adds which operators a decode step of the bare model spends its time in, with a prompt's tokens in the cache. */
  profile?: boolean
}

export interface BenchRunResult extends Speed, Partial<CompositionSpeed> {
  model: string
  precision: WeightPrecision
  device: string
  threads: number
  rows: number
  prompt_tokens: number
  tokens: number
  load_s: number
  /** Most memory of the process, loading included, before any composition was made. */
  peak_mb: number
  profile?: DecodeProfile
}

/** Speed and memory of the bare model, `rows` at once; with a composition, then what that costs besides. @throws WeftError `context_length_exceeded` */
export async function benchRun(options: BenchRunOptions): Promise<BenchRunResult> {
  const composition = options.composition === undefined ? undefined : besideBase(options.composition)
  const { precision = 'float32', requests = 3, promptTokens = 110, tokens = 64, virtualTokens = 100, rank = 8, rows = 1, threads = 1 } = options
  const runtime = openRuntime()
  const device = chooseDevice(options.device ?? 'cpu', { providers: runtime.availableDevices(), cudaCards: findCudaCards() }).name
  const started = performance.now()
  const model = await loadModel(options.model, { precision: devicePrecision(device, precision) })
  requirePositions(model.spec.maxPositions, { promptTokens, tokens })
  const together = rows * (composition === undefined ? 1 : rowsTaken(composition))
  const engine = await openEngine(model, {
    runtime,
    device,
    threads,
    fixed: createPrefixCache(1 << 30, { prompts: false }),
    maxBatch: together,
    maxWaiting: together,
    prefillChunk: 512,
  })
  const load_s = round((performance.now() - started) / 1000, 1)
  try {
    const { first_tokens, ...speed } = await speedOf(engine, { rows, promptTokens, tokens, rounds: requests, vocabulary: model.spec.vocabSize })
    return {
      model: model.name,
      precision,
      device,
      threads,
      rows,
      prompt_tokens: promptTokens,
      tokens,
      ...speed,
      load_s,
      peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
      first_tokens,
      ...(options.profile && { profile: await decodeProfile(model, { runtime, device, threads, rows, slots: promptTokens, steps: tokens }) }),
      ...(composition && (await compositionSpeed(engine, { composition, requests, promptTokens, tokens, virtualTokens, rank, rows }))),
    }
  } finally {
    await engine.close()
    runtime.dispose()
  }
}

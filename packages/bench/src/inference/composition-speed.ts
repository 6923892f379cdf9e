import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Random } from '@weft/adapters'
import { type Asked, type Engine, isOutputs } from '@weft/inference/engine'
import { median, round } from '../statistics.ts'
import { timedBatch } from './batch.ts'
import { askedOf } from './made-up-adapters.ts'
import { type Timing, timedRequest } from './request.ts'
import { requirePositions } from './require-positions.ts'

export interface CompositionSpeedOptions {
  /** An expression; adapters are made up for its names, by the folder they are in: `prefix/`, `lora/`, `ia3/`, `parallel/` (gated prefixes), rows for all others. */
  composition: string
  /** Requests of each kind. */
  requests: number
  promptTokens: number
  /** Tokens to decode. */
  tokens: number
  /** Virtual tokens of each made-up adapter. */
  virtualTokens: number
  /** Rank of each made-up LoRA, over the modules that PEFT takes for the architecture. */
  rank: number
  /** Rows decoded together, in a second measurement: bare, all of the composition, and each of one like it; 1 for none. */
  rows: number
}

export interface CompositionSpeed {
  requests: number
  virtual_tokens: number
  /** Of the context, before the prompt: rows and prefixes take some, gated prefixes none. */
  positions_before_prompt: number
  base: Timing
  /** The first request of a composition: its keys and values are computed. */
  cold: Timing
  warm: Timing
  /** Warm against base, request by request in turn, so that the machine's moods touch both. */
  warm_over_base: Ratios
  /** The first operand alone, where several answer: what is asked when nothing is combined. */
  one_operand?: Timing
  warm_over_one_operand?: Ratios
  /** CPU time of a decode step over several rows: as bare ones, and over that where all have one composition, or each its own. */
  batch?: { rows: number; base_cpu_ms_per_step: number; same_over_base: number; different_over_base: number }
  event_loop_delay_p99_ms: number
}

interface Ratios {
  ttft: number
  ttft_cpu: number
  per_token: number
  per_token_cpu: number
}

/** Time to first token and decode speed at batch 1, with and without a composition, cold and warm; then several rows together. */
export async function compositionSpeed(engine: Engine, options: CompositionSpeedOptions): Promise<CompositionSpeed> {
  const { composition, requests, promptTokens, tokens, virtualTokens, rank, rows } = options
  const { model } = engine
  const made = (seed = 0) => askedOf(model, composition, { virtualTokens, rank }, seed)
  const random = new Random('bench')
  const prompt = Array.from({ length: promptTokens }, () => random.integer(Math.min(model.spec.vocabSize, 20_000)))
  const request = (asked: Asked) => timedRequest(engine, asked, prompt, tokens)
  const { asked, virtual, positions } = await made()
  requirePositions(model.spec.maxPositions, { virtual: positions, promptTokens, tokens })
  const warm = asked('warm')
  await request(null) // the first run of a session sets its buffers up
  await request(warm)
  const one = isOutputs(warm) ? warm.operands[0].named : undefined
  if (one) await request(one)
  const timings = await inTurn(requests, {
    base: () => request(null),
    warm: () => request(warm),
    ...(one && { one: () => request(one) }),
    cold: (i) => request(asked(`cold ${i}`)),
  })
  const delay = await eventLoopDelay(async () => {
    await request(null)
    await request(warm)
  })
  const batch = rows > 1 ? await rowsTogether(engine, warm, made, { rows, prompt: prompt.slice(0, 16), tokens, rounds: requests }) : undefined
  const over = (kind: 'base' | 'one'): Ratios => {
    const ratio = (name: keyof Timing) => thousandths(median(timings.warm.map((timing, i) => timing[name] / timings[kind][i][name])))
    return { ttft: ratio('ttft_ms'), ttft_cpu: ratio('ttft_cpu_ms'), per_token: ratio('decode_ms_per_token'), per_token_cpu: ratio('decode_cpu_ms_per_token') }
  }
  return {
    requests,
    virtual_tokens: virtual,
    positions_before_prompt: positions,
    base: medians(timings.base),
    cold: medians(timings.cold),
    warm: medians(timings.warm),
    warm_over_base: over('base'),
    ...(one && { one_operand: medians(timings.one), warm_over_one_operand: over('one') }),
    ...(batch && { batch }),
    event_loop_delay_p99_ms: thousandths(delay),
  }
}

type Kind = 'base' | 'warm' | 'one' | 'cold'

/** Every kind of request in every round, so that the machine's moods touch all of them. */
async function inTurn(rounds: number, kinds: Partial<Record<Kind, (round: number) => Promise<Timing>>>): Promise<Record<Kind, Timing[]>> {
  const found: Record<Kind, Timing[]> = { base: [], warm: [], one: [], cold: [] }
  for (let round = 0; round < rounds; round++) for (const [kind, request] of Object.entries(kinds)) found[kind as Kind].push(await request(round))
  return found
}

/** Its 99th percentile in milliseconds. Measured by itself: a timer that fires every millisecond costs as much CPU time as the rest of the host's part of a step. */
async function eventLoopDelay(work: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await work()
  delay.disable()
  return delay.percentile(99) / 1e6
}

/** Rows of the bare model, of one composition, and of one composition each. */
async function rowsTogether(
  engine: Engine,
  warm: Asked,
  made: (seed: number) => Promise<{ asked(key: string): Asked }>,
  { rows, prompt, tokens, rounds }: { rows: number; prompt: number[]; tokens: number; rounds: number },
): Promise<NonNullable<CompositionSpeed['batch']>> {
  const different = await Promise.all(Array.from({ length: rows }, async (_, row) => (await made(row)).asked(`row ${row}`)))
  const {
    base,
    same,
    different: apart,
  } = await timedBatch(engine, { base: different.map(() => null), same: different.map(() => warm), different }, prompt, {
    tokens,
    rounds,
  })
  return { rows, base_cpu_ms_per_step: thousandths(base), same_over_base: thousandths(same / base), different_over_base: thousandths(apart / base) }
}

const thousandths = (value: number): number => round(value, 3)

const medians = (timings: Timing[]): Timing =>
  Object.fromEntries(
    Object.keys(timings[0]).map((name) => [name, thousandths(median(timings.map((timing) => timing[name as keyof Timing])))]),
  ) as unknown as Timing

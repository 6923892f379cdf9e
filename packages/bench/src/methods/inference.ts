import { type LoadedAdapter, Random } from '@weft/adapters'
import { WeightOverrides } from '@weft/inference/compositions/weight-overrides'
import type { Engine, Named } from '@weft/inference/engine'
import { openEngine } from '@weft/inference/open-engine'
import { createPrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import type { LoadedModel } from '@weft/model'
import type { Device, Runtime } from '@weft/ort'
import { compositionOf } from '../inference/composition.ts'
import { timedRequest } from '../inference/request.ts'
import { median } from '../statistics.ts'

/** Over the bare base, in turn with it. An encoder answers with a vector: the time to it, and no tokens. */
export interface InferenceCost {
  ttft: number
  ttft_cpu: number
  per_token: number | null
  per_token_cpu: number | null
}

export interface InferenceOptions {
  runtime: Runtime
  device: Device
  threads: number
  promptTokens: number
  newTokens: number
  requests: number
}

type Times = Record<keyof InferenceCost, number>

/**
 * What each adapter costs a request, composed alone and warm: request by request in turn with the bare base, so that the machine's
 * moods touch all. Classifiers are left out of compositions: they are read once, whatever the method.
 */
export const inferenceCosts = async (
  model: LoadedModel,
  adapters: ReadonlyMap<string, LoadedAdapter>,
  { runtime, device, threads, promptTokens, newTokens, requests }: InferenceOptions,
): Promise<Map<string, InferenceCost>> => {
  const options = { runtime, device, threads, fixed: createPrefixCache(1 << 30, { prompts: false }), maxBatch: 1, maxWaiting: 1, prefillChunk: 512 }
  const base = await openEngine(model, options)
  const weightOverrides = new WeightOverrides(options)
  try {
    const random = new Random('bench')
    const prompt = Array.from({ length: promptTokens }, () => random.integer(Math.min(model.spec.vocabSize, 20_000)))
    const request = async (name: string | null): Promise<Times> => {
      const named = name === null ? null : composedAlone(name, adapters, model)
      const weights = named?.composed.sites.weights
      const engine = weights ? await weightOverrides.engine(base, named!.key, weights) : base
      return model.spec.bidirectional ? timedVector(engine, named, prompt) : timedTokens(engine, named, prompt, newTokens)
    }
    const names = [...adapters]
      .filter(
        ([
          ,
          {
            manifest: { sites },
          },
        ]) => sites.some((site) => site !== 'head'),
      )
      .map(([name]) => name)
    for (const name of [null, ...names]) await request(name) // sessions are made, prompts computed
    const rounds: { bare: Times; each: Map<string, Times> }[] = []
    while (rounds.length < requests) {
      const bare = await request(null)
      const each = new Map<string, Times>()
      for (const name of names) each.set(name, await request(name))
      rounds.push({ bare, each })
    }
    const over = (name: string, time: keyof Times): number => median(rounds.map(({ bare, each }) => each.get(name)![time] / bare[time]))
    const known = (ratio: number): number | null => (Number.isFinite(ratio) ? ratio : null)
    return new Map(
      names.map((name) => [
        name,
        {
          ttft: over(name, 'ttft'),
          ttft_cpu: over(name, 'ttft_cpu'),
          per_token: known(over(name, 'per_token')),
          per_token_cpu: known(over(name, 'per_token_cpu')),
        },
      ]),
    )
  } finally {
    await weightOverrides.close()
    await base.close()
  }
}

const composedAlone = (name: string, adapters: ReadonlyMap<string, LoadedAdapter>, model: LoadedModel): NonNullable<Named> => {
  const { labels, labelTasks, task, ...composed } = compositionOf(name, adapters, model.spec)
  const { head, ...sites } = composed.sites
  return { key: name, composed: { ...composed, sites } }
}

const timedTokens = async (engine: Engine, named: Named, prompt: number[], newTokens: number): Promise<Times> => {
  const { ttft_ms, ttft_cpu_ms, decode_ms_per_token, decode_cpu_ms_per_token } = await timedRequest(engine, named, prompt, newTokens)
  return { ttft: ttft_ms, ttft_cpu: ttft_cpu_ms, per_token: decode_ms_per_token, per_token_cpu: decode_cpu_ms_per_token }
}

const timedVector = async (engine: Engine, named: Named, prompt: number[]): Promise<Times> => {
  const text = engine.model.tokenizer!.decode(prompt)
  const start = performance.now()
  const before = process.cpuUsage()
  await engine.embed(named, [text])
  const { user, system } = process.cpuUsage(before)
  return { ttft: performance.now() - start, ttft_cpu: (user + system) / 1000, per_token: NaN, per_token_cpu: NaN }
}

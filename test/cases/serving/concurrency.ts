import { setImmediate } from 'node:timers/promises'
import type { Engine } from '@weft/inference/engine'
import { openEngine } from '@weft/inference/open-engine'
import { createPrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import { loadModel } from '@weft/model'
import type { Runtime } from '@weft/ort'
import { answerTo, compositionsOf, type RandomRequest, randomRequests } from './random-requests.ts'

export interface ConcurrencyReport {
  requests: number
  /** Answers that were left before their end. */
  left: number
  tokens: number
  /** Requests under way at once, at most. */
  most_at_once: number
  prefix_hit_tokens: number
  /** The first few whose answer alone was another. */
  different: { request: number; together: number[]; alone: number[] }[]
  differences: number
}

/**
 * Random requests at once, through a prefix cache and with all the scheduler does, and each alone without a cache: the same tokens.
 * @param places most requests under way at once
 */
export async function compareConcurrent(
  runtime: Runtime,
  folder: string,
  { requests: count, seed, places = 48, prefixBytes = 400_000 }: { requests: number; seed: number; places?: number; prefixBytes?: number },
): Promise<ConcurrencyReport> {
  const model = await loadModel(folder)
  const options = { runtime, device: 'cpu', threads: 1, maxBatch: 8, maxWaiting: 4 * places, prefillChunk: 24 } as const
  // Small enough that much gives way.
  const fixed = createPrefixCache(prefixBytes)
  const together = await openEngine(model, { ...options, fixed })
  const alone = await openEngine(model, { ...options, fixed: createPrefixCache(0) })
  try {
    const requests = randomRequests(await compositionsOf(model), count, seed)
    const { answers, most } = await atOnce(together, requests, places)
    const different: ConcurrencyReport['different'] = []
    let differences = 0
    for (const [request, asked] of requests.entries()) {
      const whole = await answerTo(alone, asked, false)
      const got = answers[request]
      const expected = got.end === undefined ? whole.tokens.slice(0, got.tokens.length) : whole.tokens
      if (same(got.tokens, expected) && (got.end === undefined || got.end === whole.end)) continue
      differences++
      if (different.length < 5) different.push({ request, together: got.tokens, alone: whole.tokens })
    }
    return {
      requests: count,
      left: answers.filter(({ end }) => end === undefined).length,
      tokens: answers.reduce((sum, { tokens }) => sum + tokens.length, 0),
      most_at_once: most,
      prefix_hit_tokens: fixed.counts.hitTokens,
      different,
      differences,
    }
  } finally {
    await together.close()
    await alone.close()
  }
}

/** In their order, each a little after the one before it, and so many at once at most. */
async function atOnce(engine: Engine, requests: readonly RandomRequest[], places: number) {
  const answers: Awaited<ReturnType<typeof answerTo>>[] = []
  const open = new Set<Promise<void>>()
  let most = 0
  for (const [i, request] of requests.entries()) {
    while (open.size >= places) await Promise.race(open)
    for (let pause = 0; pause < request.pause; pause++) await setImmediate()
    const answer: Promise<void> = answerTo(engine, request).then((got) => {
      answers[i] = got
      open.delete(answer)
    })
    open.add(answer)
    most = Math.max(most, open.size)
  }
  await Promise.all(open)
  return { answers, most }
}

const same = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((token, i) => token === b[i])

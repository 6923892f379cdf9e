import { setImmediate } from 'node:timers/promises'
import { noTokenizer } from '@weft/model'
import type { ScoreResponse } from '@weft/protocol'
import { tokenEmbeds } from '../embeds.ts'
import { contextExceeded, logitsNotFinite } from '../errors.ts'
import { logSumExp } from '../sampling/sampler.ts'
import type { FixedPrefix } from '../sequence.ts'
import type { ScratchSequence } from './scratch-sequence.ts'

export interface ScoreOptions {
  texts: readonly string[]
  prompt?: string
  tokenLogprobs?: boolean
}

/** Logits of so many positions are in memory at once: 64 rows of a vocabulary of 49,152 are 12 MB. */
const ROWS = 64
/** Longest stretch of host arithmetic between two turns of the event loop. */
const SLICE_MS = 4

/**
 * Log-probabilities (natural) of each text's tokens, after the same prompt. The first token counts only where something
 * predicts it: a prompt, or composed rows. A text longer than the context is read in windows that overlap by half, and
 * every token is scored once, in the first window that holds it.
 */
export async function score(
  scratch: ScratchSequence,
  fixed: FixedPrefix | null,
  { texts, prompt = '', tokenLogprobs }: ScoreOptions,
  signal?: AbortSignal,
): Promise<ScoreResponse> {
  const {
    model: { spec, tokenizer, name },
  } = scratch.forward.sessions
  if (!tokenizer) throw noTokenizer(name)
  const before = prompt === '' ? [] : tokenizer.encode(prompt)
  const room = spec.maxPositions - (fixed?.position ?? 0)
  if (room < before.length + 2)
    throw contextExceeded((fixed?.position ?? 0) + before.length + 2, spec.maxPositions, { prompt: before.length, composition: fixed?.position ?? 0 })
  const results: ScoreResponse['results'] = []
  for (const text of texts) {
    const tokens = [...before, ...tokenizer.encode(text, { addSpecialTokens: before.length === 0 })]
    const logprobs: number[] = []
    for (let start = 0, scored = before.length; scored < tokens.length; start += Math.max(1, room >> 1)) {
      signal?.throwIfAborted()
      const end = Math.min(start + room, tokens.length)
      if (end <= scored) continue
      logprobs.push(...(await scoreWindow(scratch, fixed, tokens.slice(start, end), scored - start, signal)))
      scored = end
    }
    const logprob = logprobs.reduce((sum, value) => sum + value, 0)
    if (!Number.isFinite(logprob)) throw logitsNotFinite()
    results.push({
      tokens: logprobs.length,
      logprob,
      perplexity: logprobs.length === 0 ? 1 : Math.exp(-logprob / logprobs.length),
      ...(tokenLogprobs ? { tokenLogprobs: logprobs } : {}),
    })
  }
  return { results }
}

/** Log-probabilities of the window's tokens from index `first` on. */
function scoreWindow(scratch: ScratchSequence, fixed: FixedPrefix | null, tokens: number[], first: number, signal?: AbortSignal): Promise<number[]> {
  return scratch.use(async ({ forward, chunk }) => {
    const {
      embedding,
      model: {
        spec: { vocabSize: V },
      },
    } = forward.sessions
    await forward.cache.reserve(1, (fixed?.slots ?? 0) + tokens.length, [])
    const sequence = await forward.start(0, fixed)
    const embeds = tokenEmbeds(tokens, embedding)
    const logprobs: number[] = []
    let since = performance.now()
    const take = async (logits: Float32Array, target: number) => {
      logprobs.push(logits[target] - logSumExp(logits))
      if (performance.now() - since < SLICE_MS) return
      await setImmediate()
      since = performance.now()
    }
    if (first === 0 && fixed?.logits) await take(fixed.logits, tokens[0])
    // What only leads up to the first scored token needs no logits; the last token predicts nothing that is asked for.
    let at = 0
    for (; at + chunk < first; at += chunk) await forward.prefill(0, sequence, embeds, at, at + chunk, 'lastLogits')
    while (at < tokens.length - 1) {
      signal?.throwIfAborted()
      const to = Math.min(at + ROWS, tokens.length - 1)
      const logits = await forward.prefill(0, sequence, embeds, at, to, 'logits')
      since = performance.now()
      for (let i = Math.max(at, first - 1); i < to; i++) await take(logits.subarray((i - at) * V, (i - at + 1) * V), tokens[i + 1])
      at = to
    }
    return logprobs
  }, signal)
}

import type { Classification, Composed } from '@weft/core'
import { noTokenizer } from '@weft/model'
import { contextExceeded, headMissing, logitsNotFinite } from '../errors.ts'
import { tokenEmbeds } from './embeds.ts'
import type { FixedPrefix } from './sequence.ts'
import type { SideRow } from './side-row.ts'

export interface Classified {
  results: Classification[]
  /** Tokens read, after cutting. */
  tokens: number
}

/**
 * Class probabilities of each text: the hidden state of its last token through the composition's head, `softmax(W h + b)`.
 * A text longer than the context is cut at its end, as training cuts it. The head has C·H weights, so the host computes it.
 * @throws WeftError `head_missing`
 */
export async function classify(side: SideRow, key: string | null, composed: Composed | null, fixed: FixedPrefix | null, inputs: readonly string[], signal?: AbortSignal): Promise<Classified> {
  const head = composed?.sites.head
  if (!head) throw headMissing(key)
  const { embedding, model: { spec, tokenizer, name } } = side.forward.sessions
  if (!tokenizer) throw noTokenizer(name)
  const room = spec.maxPositions - (fixed?.position ?? 0)
  if (room < 1) throw contextExceeded((fixed?.position ?? 0) + 1, spec.maxPositions, { composition: fixed?.position ?? 0 })
  const results: Classification[] = []
  let total = 0
  for (const input of inputs) {
    signal?.throwIfAborted()
    const all = tokenizer.encode(input)
    // An empty text still has a last token to read from: the end-of-text token, as in training.
    const tokens = all.length > 0 ? all.slice(0, room) : [tokenizer.eosTokenIds[0] ?? 0]
    total += tokens.length
    const hidden = await side.use(async ({ forward, chunk }) => {
      await forward.cache.reserve(1, (fixed?.slots ?? 0) + tokens.length, [])
      const sequence = await forward.start(0, fixed)
      const states = await forward.feed(0, sequence, tokenEmbeds(tokens, embedding, spec.hiddenSize), chunk, 'hidden')
      return states.slice(states.length - spec.hiddenSize)
    })
    results.push(verdict(hidden, head.weight.data as Float32Array, head.bias?.data as Float32Array | undefined, composed.labels))
  }
  return { results, tokens: total }
}

/** @param weight `[C, H]` */
function verdict(hidden: Float32Array, weight: Float32Array, bias: Float32Array | undefined, labels: string[] | undefined): Classification {
  const H = hidden.length
  const logits = Array.from({ length: weight.length / H }, (_, c) => {
    let sum = bias?.[c] ?? 0
    for (let i = 0; i < H; i++) sum += weight[c * H + i] * hidden[i]
    return sum
  })
  const max = Math.max(...logits)
  if (!Number.isFinite(max)) throw logitsNotFinite()
  const weights = logits.map((logit) => Math.exp(logit - max))
  const sum = weights.reduce((a, b) => a + b, 0)
  const nameOf = (c: number) => labels?.[c] ?? `LABEL_${c}`
  return {
    label: nameOf(logits.indexOf(max)),
    scores: Object.fromEntries(weights.map((w, c) => [nameOf(c), w / sum])),
  }
}

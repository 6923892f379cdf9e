import { type Composed, type PooledAt, pooledAt } from '@weft/adapters'
import { noTokenizer } from '@weft/model'
import type { Labelled } from '@weft/protocol'
import { type ClassifyInput, type ClassifyOptions, partOf, readText, readWords, tokensOf, type Within } from '../../classification/classify-input.ts'
import { labelText, labelWords } from '../../classification/label-probabilities.ts'
import { headMissing } from '../../errors.ts'
import { askerOf } from '../../scheduler/asker.ts'
import type { FixedPrefix } from '../../sequence.ts'
import { readTexts, roomBehind } from '../../text-length.ts'
import type { ScratchSequence } from '../scratch-sequence.ts'
import { hiddenStates, mean } from './hidden-states.ts'

export interface Classified {
  results: Labelled[]
  /** Tokens read, after cutting. */
  tokens: number
}

/**
 * Class probabilities of each text, or of each of its words, by a decoder: hidden states through the composition's head, `softmax(W h + b)`.
 * With `truncate`, a text longer than the context is cut at its end, as training cuts it. The head has C·H weights, so the host computes it.
 * @throws WeftError `head_missing`, `context_length_exceeded`
 */
export async function classify(
  scratch: ScratchSequence,
  key: string | null,
  composed: Composed | null,
  fixed: FixedPrefix | null,
  inputs: readonly ClassifyInput[],
  { truncate = false, ...options }: ClassifyOptions = {},
  signal?: AbortSignal,
): Promise<Classified> {
  const head = composed?.sites.head
  if (!head) throw headMissing(key)
  const {
    model: { spec, tokenizer, name },
  } = scratch.forward.sessions
  if (!tokenizer) throw noTokenizer(name)
  const room = roomBehind(fixed?.position ?? 0, spec.maxPositions)
  const at = pooledAt(composed.pooling, spec)
  const logits = (hidden: Float32Array) => logitsOf(hidden, head.weight.data as Float32Array, head.bias?.data as Float32Array | undefined)
  const asker = askerOf(options)
  const results: Labelled[] = []
  const within: Within = { room, truncate }
  // All are read before any is computed: what is refused costs no forward pass.
  if (composed.task === 'TOKEN_CLS') {
    const read = await readTexts(inputs, (input, index) => readWords(tokenizer, input, index, within), signal)
    for (const part of read) {
      signal?.throwIfAborted()
      const { tokens, words } = part
      const states = await hiddenStates(
        scratch,
        fixed,
        tokens,
        words.map((word) => word.at),
        asker,
        signal,
      )
      const labels = labelWords(
        words.map(({ at: _, ...word }) => word),
        states.map(logits),
        composed,
      )
      results.push({ ...labels, ...partOf(part, within) })
    }
    return { results, tokens: tokensOf(read) }
  }
  const read = await readTexts(inputs, (input, index) => readText(tokenizer, input, index, within), signal)
  for (const part of read) {
    signal?.throwIfAborted()
    const states = await hiddenStates(scratch, fixed, part.tokens, pooledTokens(at, part.tokens.length), asker, signal)
    results.push({ ...labelText(logits(mean(states)), composed), ...partOf(part, within) })
  }
  return { results, tokens: tokensOf(read) }
}

/** A decoder has no start of its own: a virtual token in front has seen nothing of the text. */
const pooledTokens = (at: PooledAt, length: number): number[] => (at === 'mean' ? Array.from({ length }, (_, t) => t) : [at === 'last' ? length - 1 : 0])

/** @param weight `[C, H]` */
function logitsOf(hidden: Float32Array, weight: Float32Array, bias: Float32Array | undefined): number[] {
  const H = hidden.length
  return Array.from({ length: weight.length / H }, (_, c) => {
    let sum = bias?.[c] ?? 0
    for (let i = 0; i < H; i++) sum += weight[c * H + i] * hidden[i]
    return sum
  })
}

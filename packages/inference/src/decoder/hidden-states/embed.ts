import type { Composed } from '@weft/adapters'
import { noTokenizer } from '@weft/model'
import { cutTo, readWhole } from '../../classification/classify-input.ts'
import { poolingOf } from '../../classification/pooling-of.ts'
import type { Embedded, EmbedInput, EmbedOptions } from '../../engine.ts'
import { inputTooLong, logitsNotFinite } from '../../errors.ts'
import { askerOf } from '../../scheduler/asker.ts'
import type { FixedPrefix } from '../../sequence.ts'
import { readTexts, roomBehind } from '../../text-length.ts'
import type { ScratchSequence } from '../scratch-sequence.ts'
import { hiddenStates, mean } from './hidden-states.ts'

/**
 * A vector `[H]` per text by a decoder: its tokens' hidden states after the final norm, their mean or the last one's. The last has read all
 * of the text, and each of the others what stands before it. A composition's virtual tokens are read and not counted.
 * @throws WeftError `context_length_exceeded`, unless it may cut; `token_out_of_range`, `logits_not_finite`
 */
export async function embed(
  scratch: ScratchSequence,
  composed: Composed | null,
  fixed: FixedPrefix | null,
  inputs: readonly EmbedInput[],
  { truncate = false, pooling: asked, ...options }: EmbedOptions = {},
  signal?: AbortSignal,
): Promise<Embedded> {
  const {
    model: { spec, tokenizer, name },
  } = scratch.forward.sessions
  if (!tokenizer) throw noTokenizer(name)
  const pooling = asked ?? poolingOf(composed, spec)
  const room = roomBehind(fixed?.position ?? 0, spec.maxPositions)
  // All are read before any is computed: what is refused costs no forward pass.
  const read = await readTexts(
    inputs,
    (input, index) => {
      const { tokens } = readWhole(tokenizer, input, index, spec.vocabSize)
      if (tokens.length > room && !truncate) throw inputTooLong(index, tokens.length, room)
      return cutTo(tokenizer, tokens, room)
    },
    signal,
  )
  const asker = askerOf(options)
  const vectors: Float32Array[] = []
  for (const tokens of read) {
    signal?.throwIfAborted()
    const wanted = pooling === 'last' ? [tokens.length - 1] : Array.from(tokens, (_, t) => t)
    const vector = mean(await hiddenStates(scratch, fixed, tokens, wanted, asker, signal))
    if (!vector.every(Number.isFinite)) throw logitsNotFinite()
    vectors.push(vector)
  }
  return { vectors, tokens: read.reduce((sum, { length }) => sum + length, 0) }
}

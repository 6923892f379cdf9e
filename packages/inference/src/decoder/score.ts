import { noTokenizer } from '@weft/model'
import type { ScoreResponse } from '@weft/protocol'
import { tokenEmbeds } from '../compositions/embeds.ts'
import { contextExceeded, strideTooLarge } from '../errors.ts'
import { type Read, readToken, scoredText, textTokens } from '../generation/scored-text.ts'
import { type Asker, askerOf } from '../scheduler/asker.ts'
import { Turns } from '../scheduler/turns.ts'
import type { FixedPrefix } from '../sequence.ts'
import { scoreWindows } from './score-windows.ts'
import type { ScratchSequence } from './scratch-sequence.ts'

export interface ScoreOptions extends Asker {
  /** Texts, or tokens as they are. */
  texts: readonly (string | readonly number[])[]
  prompt?: string
  /** The special tokens of a beginning are written in the prompt: a chat's template writes them itself. */
  begun?: boolean
  /** The texts are answers to choose from: where the tokens of one begin another's, the end of the answer counts with each. */
  answers?: boolean
  tokenLogprobs?: boolean
  /** Likeliest tokens to report beside each; absent: tokens are not told. */
  logprobs?: number
  /** Tokens that each further window scores, of a text longer than the context. */
  stride?: number
}

export interface Scored {
  results: ScoreResponse['results']
  /** Tokens read: the prompt is read before each text, and before each window of one. */
  tokens: number
}

/** Logits of so many positions are in memory at once: 64 rows of a vocabulary of 49,152 are 12 MB. */
const ROWS = 64

/**
 * Log-probabilities (natural) of each text's tokens, after the same prompt. The first token counts only where something
 * predicts it: a prompt, or composed rows. A text longer than the context is read in windows (`scoreWindows`), each behind the
 * composition and the prompt; the answer says so.
 * @throws WeftError `token_out_of_range`, `choices_without_end`, `context_length_exceeded` where the prompt leaves no room, `stride_too_large`
 */
export async function score(scratch: ScratchSequence, fixed: FixedPrefix | null, options: ScoreOptions, signal?: AbortSignal): Promise<Scored> {
  const { texts, prompt = '', logprobs: alternatives, stride } = options
  const asker = askerOf(options)
  const { model } = scratch.forward.sessions
  const { spec, tokenizer, name } = model
  if (!tokenizer) throw noTokenizer(name)
  const tokensOf = textTokens(model, options)
  const behind = spec.maxPositions - (fixed?.position ?? 0)
  const results: ScoreResponse['results'] = []
  let tokens = 0
  for (const text of texts) {
    const { before, own } = tokensOf(text)
    // Where nothing stands before a window, it repeats a token that predicts the first one that counts.
    const room = behind - before.length
    const most = before.length > 0 || fixed?.logits ? room : room - 1
    if (room < 2) throw contextExceeded(spec.maxPositions - room + 2, spec.maxPositions, { prompt: before.length, composition: fixed?.position ?? 0 })
    const windows = scoreWindows(own.length, room, strideOf(stride, own.length, room, most))
    const read: Read[] = []
    for (const { from, scored, to } of windows) {
      signal?.throwIfAborted()
      // What stands before every text is no part of it, but where composed rows predict it, it counts.
      const first = scored === 0 && prompt === '' ? 0 : before.length + scored - from
      read.push(...(await scoreWindow(scratch, fixed, { tokens: [...before, ...own.slice(from, to)], first, alternatives, asker }, signal)))
      tokens += before.length + to - from
    }
    results.push({
      ...scoredText(tokenizer, own, read, options),
      ...(windows.length > 1 && { windows: { count: windows.length, tokens: room, stride: strideOf(stride, own.length, room, most) } }),
    })
  }
  return { results, tokens }
}

/** Half a window unless asked for. @throws WeftError `stride_too_large` for one that would leave tokens out */
function strideOf(stride: number | undefined, length: number, room: number, most: number): number {
  if (stride === undefined) return room >> 1
  if (length > room && stride > most) throw strideTooLarge(stride, most)
  return stride
}

interface ReadingWindow {
  tokens: number[]
  /** The first that counts. */
  first: number
  /** Likeliest tokens to report beside each. */
  alternatives: number | undefined
  asker: Asker
}

/** Log-probabilities of the window's tokens from index `first` on. */
function scoreWindow(
  scratch: ScratchSequence,
  fixed: FixedPrefix | null,
  { tokens, first, alternatives = 0, asker }: ReadingWindow,
  signal?: AbortSignal,
): Promise<Read[]> {
  const run = async ({ forward, chunk }: ScratchSequence) => {
    const {
      embedding,
      model: {
        spec: { vocabSize: V },
      },
    } = forward.sessions
    await forward.cache.reserve(1, (fixed?.slots ?? 0) + tokens.length, [])
    const sequence = await forward.start(0, fixed, tokens)
    const embeds = tokenEmbeds(tokens, embedding)
    const read: Read[] = []
    const turns = new Turns()
    const take = async (logits: Float32Array, target: number) => {
      read.push(readToken(logits, target, alternatives))
      if (turns.due) await turns.take()
    }
    if (first === 0 && fixed?.logits && tokens.length > 0) await take(fixed.logits, tokens[0])
    // What only leads up to the first scored token needs no logits; the last token predicts nothing that is asked for.
    let at = 0
    for (; at + chunk < first; at += chunk) {
      signal?.throwIfAborted()
      await scratch.prefill(asker, sequence, embeds, [at, at + chunk], 'lastLogits', signal)
    }
    while (at < tokens.length - 1) {
      signal?.throwIfAborted()
      const to = Math.min(at + ROWS, tokens.length - 1)
      const logits = await scratch.prefill(asker, sequence, embeds, [at, to], 'logits', signal)
      turns.begin()
      for (let i = Math.max(at, first - 1); i < to; i++) await take(logits.subarray((i - at) * V, (i - at + 1) * V), tokens[i + 1])
      at = to
    }
    return read
  }
  return scratch.use(asker, tokens.length, run, signal)
}

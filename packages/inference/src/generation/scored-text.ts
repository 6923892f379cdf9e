import { type LoadedModel, noTokenizer, type Tokenizer } from '@weft/model'
import { encodeBehind } from '@weft/model/tokenizer/behind'
import { surroundings } from '@weft/model/tokenizer/word-pieces'
import type { ReadLogprob, ScoreResponse } from '@weft/protocol'
import { logitsNotFinite, tokenOutOfRange } from '../errors.ts'
import { largest } from '../sampling/largest.ts'
import { logSumExp } from '../sampling/sampler.ts'
import { checkTextLength } from '../text-length.ts'
import { answerEnd } from './answer-end.ts'
import { textOffsets, tokenLogprob } from './token-logprobs.ts'

/** What the model said of a token that stands there: natural logarithms, and the likeliest in its place. */
export interface Read {
  logprob: number
  top: { token: number; logprob: number }[]
}

/** @param logits `[V]`, of which `target` stands there */
export function readToken(logits: Float32Array, target: number, alternatives: number): Read {
  const normalizer = logSumExp(logits)
  return {
    logprob: logits[target]! - normalizer,
    top: largest(logits, alternatives).map((token) => ({ token, logprob: logits[token]! - normalizer })),
  }
}

/**
 * Tokens of texts that are scored, each with what stands before it: the prompt, or what the tokenizer begins a text with; behind answers to choose from, what makes
 * them comparable.
 * @throws WeftError `token_out_of_range`, `choices_without_end`
 */
export function textTokens(
  model: LoadedModel,
  { texts, prompt = '', begun = false, answers }: { texts: readonly (string | readonly number[])[]; prompt?: string; begun?: boolean; answers?: boolean },
) {
  if (!model.tokenizer) throw noTokenizer(model.name)
  const read = eachText(model.tokenizer, { prompt, begun }, model.spec.vocabSize)
  if (!answers) return read
  const end = answerEnd(
    model,
    texts,
    texts.map((text) => read(text).own),
  )
  return (text: string | readonly number[]): TextTokens => {
    const { before, own } = read(text)
    return { before, own: [...own, ...end] }
  }
}

interface TextTokens {
  before: readonly number[]
  own: readonly number[]
}

function eachText(tokenizer: Tokenizer, { prompt, begun }: { prompt: string; begun: boolean }, vocabSize: number) {
  const leading = prompt === '' ? surroundings(tokenizer).before : tokenizer.encode(checkTextLength(prompt, 'prompt'), { addSpecialTokens: !begun })
  return (text: string | readonly number[]): TextTokens => {
    if (typeof text !== 'string') return { before: prompt === '' ? [] : leading, own: inVocabulary(text, vocabSize) }
    const checked = checkTextLength(text, 'texts')
    return { before: leading, own: prompt === '' ? tokenizer.encode(checked).slice(leading.length) : encodeBehind(tokenizer, prompt, checked) }
  }
}

/** @throws WeftError `token_out_of_range` */
export function inVocabulary(tokens: readonly number[], vocabSize: number): readonly number[] {
  const wrong = tokens.find((token) => token >= vocabSize)
  if (wrong !== undefined) throw tokenOutOfRange(wrong, vocabSize, 'texts')
  return tokens
}

/** What an answer says of one text. @param read of its last tokens, all of them where the first was predicted too @throws WeftError `logits_not_finite` */
export function scoredText(
  tokenizer: Tokenizer,
  own: readonly number[],
  read: readonly Read[],
  { prompt = '', tokenLogprobs, logprobs: alternatives }: { prompt?: string; tokenLogprobs?: boolean; logprobs?: number },
): ScoreResponse['results'][number] {
  const logprobs = read.map(({ logprob }) => logprob)
  const logprob = logprobs.reduce((sum, value) => sum + value, 0)
  if (!Number.isFinite(logprob)) throw logitsNotFinite()
  return {
    tokens: logprobs.length,
    logprob,
    perplexity: logprobs.length === 0 ? 1 : Math.exp(-logprob / logprobs.length),
    ...(tokenLogprobs ? { tokenLogprobs: logprobs } : {}),
    ...(alternatives === undefined ? {} : { logprobs: told(tokenizer, own, read, prompt === '') }),
  }
}

/** The text's tokens with what was read of each; those before the first that counts were predicted by nothing. @param begins whether they begin a text */
function told(tokenizer: Tokenizer, own: readonly number[], read: readonly Read[], begins: boolean): ReadLogprob[] {
  const unread = own.length - read.length
  const spelled = own.map((id, at) => tokenLogprob(tokenizer, id, read[at - unread]?.logprob ?? 0, begins && at === 0))
  const offsets = textOffsets(spelled)
  return spelled.map((token, at) => {
    const top = read[at - unread]?.top ?? []
    return {
      ...token,
      logprob: at < unread ? null : token.logprob,
      textOffset: offsets[at]!,
      topLogprobs: top.map((other) => tokenLogprob(tokenizer, other.token, other.logprob, begins && at === 0)),
    }
  })
}

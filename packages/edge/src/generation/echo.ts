import type { GenerateEvent, GenerateResponse, Prompt, ReadLogprob } from '@weft/protocol'
import { compositionOf, type ResolvedModel } from '../resolve/resolve-model.ts'
import type { Caller } from '../runner/caller.ts'
import type { Inference } from '../runner/inference.ts'
import { saidOf } from './said-of.ts'

/** A prompt as it stands before its answer. */
export interface Echo {
  text: string
  /** Of its tokens, where they were asked for. */
  logprobs?: ReadLogprob[]
  /** Tokens, where the runner read them. */
  tokens?: number
}

export type EchoedPrompt = Extract<Prompt, { text: string } | { tokens: number[] }>

interface Asked {
  prompts: readonly EchoedPrompt[]
  /** Likeliest tokens to report beside each of the prompt's. */
  logprobs: number | undefined
  /** Whether an answer follows. */
  answered: boolean
}

/**
 * What stands before the answers, one a prompt. The runner reads the prompts where their log-probabilities are asked for, where they are tokens, and where
 * no answer follows whose generation would check them.
 */
export async function echoes(inference: Inference, found: ResolvedModel, { prompts, logprobs, answered }: Asked, caller: Caller): Promise<Echo[]> {
  const texts = prompts.flatMap((prompt) => ('text' in prompt ? [prompt.text] : []))
  if (answered && logprobs === undefined && texts.length === prompts.length) return texts.map((text) => ({ text }))
  const asked = { model: found.base.name, composition: compositionOf(found), logprobs: logprobs ?? 0 }
  const scored = inference.score({ ...asked, texts: prompts.map((prompt) => ('text' in prompt ? prompt.text : prompt.tokens)) }, caller)
  const results = await saidOf('prompt', scored, /^(texts|input\[\d+\])$/)
  return prompts.map((prompt, at) => {
    const read = results[at]?.logprobs ?? []
    return { text: 'text' in prompt ? prompt.text : textOf(read), tokens: read.length, ...(logprobs === undefined ? {} : { logprobs: read }) }
  })
}

/** Nothing behind the prompt: the answer of no tokens. */
export const noAnswer = ({ tokens = 0 }: Echo): GenerateResponse => ({ text: '', tokens: [], finishReason: 'length', usage: usageOf(tokens) })

/** The same as a stream. */
export async function* noEvents({ tokens = 0 }: Echo): AsyncGenerator<GenerateEvent> {
  yield { finishReason: 'length', usage: usageOf(tokens) }
}

const usageOf = (promptTokens: number) => ({ promptTokens, completionTokens: 0, totalTokens: promptTokens })

/** The tokens' bytes are the text's, one after another. */
function textOf(read: readonly ReadLogprob[]): string {
  const encoder = new TextEncoder()
  return new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(
    Uint8Array.from(read.flatMap(({ token, bytes }) => [...(bytes ?? encoder.encode(token))])),
  )
}

/** Unicode characters, not UTF-16 units. */
export const unicodeLength = (text: string): number => [...text].length

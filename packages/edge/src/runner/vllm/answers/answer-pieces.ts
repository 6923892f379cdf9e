import type { ChosenLogprob, FinishReason, TokenLogprob } from '@weft/protocol'
import { runnerProtocol } from '../../../errors.ts'

/** A part of an answer, or all of it: whole tokens with the text that came of them. */
export interface AnswerPiece {
  text: string
  tokens: number[]
  logprobs: Omit<ChosenLogprob, 'textOffset'>[]
  /** Why it ended, in the last piece. */
  finishReason?: FinishReason
}

interface Ending {
  token_ids?: number[] | null
  finish_reason?: string | null
  /** The stop text that was met; null, or the token's id, where a token ended the answer. */
  stop_reason?: string | number | null
}

/** A choice of `/v1/completions`, streamed or not. */
export interface CompletionChoice extends Ending {
  text?: string
  logprobs?: { tokens: string[]; token_logprobs: number[]; top_logprobs: Record<string, number>[] } | null
}

interface ChatLogprob {
  token: string
  logprob: number
}

/** A choice of `/v1/chat/completions`, streamed (`delta`) or not (`message`). */
export interface ChatChoice extends Ending {
  message?: { content?: string | null }
  delta?: { content?: string | null }
  logprobs?: { content?: (ChatLogprob & { top_logprobs: ChatLogprob[] })[] | null } | null
}

/** @param likeliest how many alternatives were asked for */
export const pieceOfCompletion = (choice: CompletionChoice, likeliest: number): AnswerPiece =>
  piece(
    choice,
    choice.text ?? '',
    (choice.logprobs?.tokens ?? []).map((token, at) => ({
      ...entry(token, choice.logprobs!.token_logprobs[at]),
      // vLLM puts the chosen token among them, whether or not it is one of the likeliest.
      topLogprobs: Object.entries(choice.logprobs!.top_logprobs[at] ?? {})
        .map(([other, logprob]) => entry(other, logprob))
        .sort((a, b) => b.logprob - a.logprob)
        .slice(0, likeliest),
    })),
  )

export const pieceOfChat = (choice: ChatChoice): AnswerPiece =>
  piece(
    choice,
    choice.message?.content ?? choice.delta?.content ?? '',
    (choice.logprobs?.content ?? []).map(({ token, logprob, top_logprobs: top }) => ({
      ...entry(token, logprob),
      topLogprobs: top.map((other) => entry(other.token, other.logprob)),
    })),
  )

function piece({ token_ids: ids, finish_reason: finish, stop_reason: stop }: Ending, text: string, logprobs: AnswerPiece['logprobs']): AnswerPiece {
  // The first event of a streamed chat says who speaks, and has no token.
  if (!ids && text === '' && !finish) return { text, tokens: [], logprobs: [] }
  if (!ids) throw runnerProtocol('vLLM tells no token ids; it must be 0.32 or newer')
  const identified = logprobs.map((logprob, at) => ({ ...logprob, id: ids[at] }))
  // The token that ends an answer is none of the answer's.
  const ended = finish === 'stop' && typeof stop !== 'string'
  const kept = ended ? ids.length - 1 : ids.length
  return {
    text,
    tokens: ids.slice(0, kept),
    logprobs: identified.slice(0, kept),
    ...(finish ? { finishReason: finishReason(finish) } : {}),
  }
}

function finishReason(reason: string): FinishReason {
  if (reason === 'stop' || reason === 'length') return reason
  if (reason === 'abort') return 'cancelled'
  throw runnerProtocol(`vLLM ended an answer with "${reason}"`)
}

const encoder = new TextEncoder()

/** vLLM tells tokens as text: the bytes of a part of a character are lost then. */
const entry = (token: string, logprob: number): TokenLogprob => ({ token, logprob, bytes: token.includes('\ufffd') ? null : [...encoder.encode(token)] })

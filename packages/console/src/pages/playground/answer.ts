import type { WeftClient } from '@weft/client'
import { type AutoChoice, type ClassifyResponse, choiceText, type NotInvoked, notInvokedText } from '@weft/protocol'
import { ALTERNATIVES, type Message, messagesOf, type Settings, samplingOf } from './settings.ts'
import type { Asking } from './variant.ts'

/** A token of an answer: its text, its natural log-probability, and the likeliest tokens at its place. */
export interface Token {
  text: string
  logprob: number | null
  alternatives: readonly { text: string; logprob: number }[]
}

/** What has come of an answer so far. */
export interface Answer {
  text: string
  tokens: readonly Token[]
  finish: string | undefined
  usage: { promptTokens: number; completionTokens: number; virtualTokens?: number | undefined } | undefined
  labels: ClassifyResponse['data'] | undefined
  /** What its composition did besides: what `auto(…)` chose, and which adapters waited in vain. */
  notes: readonly string[]
  /** Milliseconds to the first piece, and to the end. */
  firstMs: number | undefined
  totalMs: number | undefined
}

export const emptyAnswer: Answer = {
  text: '',
  tokens: [],
  finish: undefined,
  usage: undefined,
  labels: undefined,
  notes: [],
  firstMs: undefined,
  totalMs: undefined,
}

interface Ask {
  weft: WeftClient
  model: string
  asking: Asking
  settings: Settings
  /** Turns of the chat so far. */
  turns: readonly Message[]
  signal: AbortSignal
}

/** Asks once, and yields the answer each time that more of it has come. Rejects with the API's `WeftError`. */
export async function* answers({ weft, model, asking, settings, turns, signal }: Ask): AsyncGenerator<Answer> {
  const began = performance.now()
  let answer = emptyAnswer
  const add = (more: Partial<Answer>): Answer => {
    answer = { ...answer, firstMs: answer.firstMs ?? performance.now() - began, ...more }
    return answer
  }
  if (asking === 'classify') {
    const { data, usage, auto } = await weft.classifyAny({ model, input: settings.prompt }, { signal })
    // All of it comes at once: there is no first piece to time.
    yield { ...answer, labels: data, usage, notes: auto ? choiceText(auto) : [], totalMs: performance.now() - began }
    return
  }
  const pieces = asking === 'chat' ? chatPieces(weft, model, settings, turns, signal) : completionPieces(weft, model, settings, signal)
  for await (const { text = '', tokens = [], finish, usage, auto, notInvoked } of pieces)
    yield add({
      text: answer.text + text,
      tokens: tokens.length > 0 ? [...answer.tokens, ...tokens] : answer.tokens,
      finish: finish ?? answer.finish,
      usage: usage ?? answer.usage,
      notes: notesOf(answer.notes, auto, notInvoked && `${notInvokedText(notInvoked)} ${insteadOf[asking]}`),
    })
  yield { ...answer, totalMs: performance.now() - began }
}

interface Piece {
  text?: string
  tokens?: Token[]
  finish?: string | undefined
  usage?: Answer['usage']
  auto?: AutoChoice | undefined
  notInvoked?: NotInvoked | undefined
}

/** Every piece may say again what was chosen. */
const notesOf = (before: readonly string[], auto: AutoChoice | undefined, waited: string | undefined): readonly string[] => [
  ...new Set([...before, ...(auto ? choiceText(auto) : []), ...(waited === undefined ? [] : [waited])]),
]

const insteadOf = {
  completion: 'End the prompt with that text, and with no space or line behind it.',
  chat: 'Put that text on a line of its own into the message, or ask in the mode Completion with a prompt that ends in it.',
}

async function* completionPieces(weft: WeftClient, model: string, settings: Settings, signal: AbortSignal): AsyncGenerator<Piece> {
  const { prompt, maxTokens, logprobs } = settings
  const parameters = {
    model,
    prompt,
    ...samplingOf(settings),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(logprobs ? { logprobs: ALTERNATIVES } : {}),
  }
  for await (const { choices, usage, auto } of weft.completions.stream(parameters, { signal })) {
    const choice = choices[0]
    const given = choice?.logprobs
    const tokens = given?.tokens.map((text, n) => ({
      text,
      logprob: given.tokenLogprobs[n] ?? null,
      alternatives: Object.entries(given.topLogprobs?.[n] ?? {}).map(([text, logprob]) => ({ text, logprob })),
    }))
    yield {
      text: choice?.text ?? '',
      tokens: tokens ?? [],
      finish: choice?.finishReason ?? undefined,
      usage: usage ?? undefined,
      auto,
      notInvoked: choice?.notInvoked,
    }
  }
}

async function* chatPieces(weft: WeftClient, model: string, settings: Settings, turns: readonly Message[], signal: AbortSignal): AsyncGenerator<Piece> {
  const { maxTokens, logprobs } = settings
  const parameters = {
    model,
    messages: messagesOf(settings, turns),
    ...samplingOf(settings),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(logprobs ? { logprobs: true, topLogprobs: ALTERNATIVES } : {}),
  }
  for await (const { choices, usage, auto } of weft.chat.stream(parameters, { signal })) {
    const choice = choices[0]
    const tokens = choice?.logprobs?.content.map(({ token, logprob, topLogprobs }) => ({
      text: token,
      logprob,
      alternatives: topLogprobs.map((other) => ({ text: other.token, logprob: other.logprob })),
    }))
    yield {
      text: choice?.delta.content ?? '',
      tokens: tokens ?? [],
      finish: choice?.finishReason ?? undefined,
      usage: usage ?? undefined,
      auto,
      notInvoked: choice?.notInvoked,
    }
  }
}

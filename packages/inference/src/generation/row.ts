import { isWeftError, type Random } from '@weft/adapters'
import type { DecodeStream, Tokenizer } from '@weft/model'
import { readBehind } from '@weft/model/tokenizer/behind'
import type { ChosenLogprob, FinishReason, GenerateEnd, GenerateToken, NotInvoked } from '@weft/protocol'
import { logitsNotFinite } from '../errors.ts'
import type { Constraint } from '../grammar/constraint.ts'
import type { RequestProgress } from '../metrics.ts'
import type { PrefixOwner } from '../prefix-cache/prefix-owner.ts'
import { LogitAdjuster, type LogitAdjustments } from '../sampling/adjust-logits.ts'
import { argMax, type Sampled, type Sampling, sample } from '../sampling/sampler.ts'
import { createStopWatch, type StopWatch } from '../sampling/stop-strings.ts'
import type { Asker } from '../scheduler/asker.ts'
import type { BatchRow } from '../scheduler/batch-row.ts'
import { emptySequence, type FixedPrefix, type Sequence } from '../sequence.ts'
import { Channel } from './channel.ts'
import { tokenLogprob } from './token-logprobs.ts'

export interface RowRequest {
  /** Tokens of the prompt, composed text not included. */
  prompt: number[]
  /** Whether the answer goes on with the prompt's text, as of a completion; what answers a chat, or comes from a decoder of its own, begins one. */
  goesOn?: boolean
  fixed: FixedPrefix | null
  /** Slots of the composition, of several the most; absent where the base answers alone. */
  virtualTokens?: number
  asker?: Asker
  owner?: PrefixOwner
  progress?: RequestProgress
  maxTokens: number
  sampling: Sampling
  /** Penalties and biases; none when absent. */
  adjustments?: LogitAdjustments
  stop: readonly string[]
  /** Makes what keeps the answer to a grammar: called once the first token is chosen, since what waits in line is to hold none. */
  constraint?: () => Constraint
  /** Special tokens that the text shows, where it is told by them what it is; none when absent. */
  shown?: ReadonlySet<number>
  random: Random
  tokenizer: Tokenizer | null
  /** What waits for tokens that the prompt does not hold; none when absent. */
  notInvoked?: NotInvoked
  /** Positions of the model. */
  limit: number
}

/** One generation in progress: its place in the cache, and what turns logits into events. */
export class Row implements BatchRow {
  readonly request: RowRequest
  readonly events = new Channel<GenerateToken | GenerateEnd>()
  sequence: Sequence = emptySequence()
  /** Prompt tokens in the cache. */
  prefilled = 0
  cachedTokens?: number
  /** The token chosen last: what the next decode step is fed. */
  token = -1
  finished = false
  readonly answer: number[] = []
  readonly #text: DecodeStream | undefined
  /** Whether the first token begins a text, where some tokenizers leave a blank out. */
  readonly #begins: boolean
  readonly #stop: StopWatch
  /** The newest token, while more of its text may come: held back by the stop strings, or half a character. */
  #kept: GenerateToken | undefined
  readonly #adjuster: LogitAdjuster
  /** Of the text so far, stop strings and what waits for the rest of a character aside. */
  #characters = 0
  readonly #leaving: (() => void)[] = []
  /** From the first token to the last: a reader may take its time after that. */
  #constraint: Constraint | undefined

  constructor(request: RowRequest) {
    this.request = request
    this.#text = request.tokenizer?.stream({ shown: request.shown })
    this.#begins = !(request.goesOn && this.#text && readBehind(this.#text, request.prompt))
    this.#stop = createStopWatch(request.stop)
    this.#adjuster = new LogitAdjuster(request.adjustments ?? {}, request.prompt)
  }

  /** A penalty divides what is above 0. */
  get readsLevel(): boolean {
    return (this.request.adjustments?.repetitionPenalty ?? 1) !== 1
  }

  /** Chooses the next token from `logits` `[V]`, tells the reader, and ends the row when it is the last one. */
  accept(logits: Float32Array): void {
    if (this.answer.length === 0) this.request.progress?.read()
    const best = argMax(logits)
    if (!Number.isFinite(logits[best])) return this.fail(logitsNotFinite())
    const { sampling, random, tokenizer, maxTokens, limit } = this.request
    let chosenFrom = this.#adjuster.adjust(logits)
    let constraint: Constraint | undefined
    try {
      constraint = this.#constraint ??= this.#grammar()
      if (constraint) chosenFrom = constraint.restrict(chosenFrom, Math.min(maxTokens - this.answer.length, limit - this.sequence.position + 1))
    } catch (error) {
      return this.fail(error)
    }
    const sampled = sample(chosenFrom, sampling, () => random.uniform(), logits, chosenFrom === logits ? best : undefined)
    // A text that was completed only because few tokens were left says so.
    const complete = constraint?.hurried ? 'length' : 'stop'
    if (tokenizer?.eosTokenIds.includes(sampled.token)) return this.end(complete)
    constraint?.advance(sampled.token)
    this.token = sampled.token
    this.answer.push(sampled.token)
    this.#adjuster.count(sampled.token)
    const logprob = this.#logprob(sampled)
    const piece = this.#text?.push(sampled.token) ?? ''
    this.#characters += charactersOf(piece)
    const { text, stopped } = this.#stop.push(piece)
    this.#release()
    this.#kept = { token: sampled.token, text, ...logprob }
    if (piece !== '' && !this.#stop.holding && !this.#text?.waiting) this.#release()
    if (stopped) return this.#finish('stop')
    if (constraint?.isFinal) return this.end(complete)
    // The token just chosen has not been fed: it would take the sequence's next position.
    if (this.answer.length >= maxTokens || this.sequence.position >= limit) this.end('length')
  }

  #grammar(): Constraint | undefined {
    const constraint = this.request.constraint?.()
    if (!this.#begins) constraint?.goOn()
    return constraint
  }

  /** Ends the row and gives out what was held back. */
  end(reason: FinishReason): void {
    if (this.finished) return
    const { text, stopped } = this.#stop.push(this.#text?.flush() ?? '')
    if (this.#kept) this.#kept.text += text + (stopped ? '' : this.#stop.flush())
    this.#finish(stopped ? 'stop' : reason)
  }

  fail(error: unknown): void {
    if (this.finished) return
    this.#leave()
    this.events.close(error)
  }

  /** Ends the row because nobody waits for it any more, or with the reason that its reader is told. */
  abort(reason: unknown): void {
    if (isWeftError(reason)) this.fail(reason)
    else this.end('cancelled')
  }

  /** Calls back once, when the row has ended in whatever way. */
  whenFinished(leave: () => void): void {
    this.#leaving.push(leave)
  }

  #leave(): void {
    this.finished = true
    this.#constraint = undefined
    const { prompt, progress } = this.request
    const completionTokens = this.answer.length
    progress?.ended({ promptTokens: completionTokens > 0 ? prompt.length : this.prefilled, completionTokens })
    for (const leave of this.#leaving.splice(0)) leave()
  }

  #release(): void {
    if (this.#kept) this.events.send(this.#kept)
    this.#kept = undefined
  }

  #finish(finishReason: FinishReason): void {
    if (this.finished) return
    this.#release()
    this.#leave()
    const { prompt, virtualTokens, notInvoked } = this.request
    this.events.send({
      finishReason,
      ...(notInvoked?.length && { notInvoked }),
      usage: {
        promptTokens: prompt.length,
        completionTokens: this.answer.length,
        totalTokens: prompt.length + this.answer.length,
        ...(this.cachedTokens !== undefined && { promptTokensDetails: { cachedTokens: this.cachedTokens } }),
        ...(virtualTokens !== undefined && { virtualTokens }),
      },
    })
    this.events.close()
  }

  #logprob({ token, logprob, topLogprobs }: Sampled): { logprob?: ChosenLogprob } {
    if (logprob === undefined) return {}
    const entry = (id: number, value: number) => tokenLogprob(this.request.tokenizer, id, value, this.#begins && this.answer.length === 1)
    return {
      logprob: { ...entry(token, logprob), textOffset: this.#characters, topLogprobs: topLogprobs!.map((top) => entry(top.token, top.logprob)) },
    }
  }
}

/** Unicode characters, not UTF-16 units. */
const charactersOf = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}

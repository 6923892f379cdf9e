import { combineOutputs, type OutputCombination } from '@weft/inference/sampling/combine-outputs'
import { argMax, logSumExp } from '@weft/inference/sampling/sampler'
import { AttentionInputs, type LoadedModel } from '@weft/model'
import type { Runtime, Weights } from '@weft/ort'
import { GraphEngine, type TokenBatch, type TokenRow, tokenBatch } from '@weft/training'
import { frozenProgram } from '@weft/training/graph/frozen-program'
import { type FrozenContext, noContext } from '@weft/training/regularize/frozen-context'
import { answerTooLong } from '../errors.ts'
import type { Question } from './task.ts'

/** What is asked: a composition inside the model, or several (the base first, where the operator asks it) whose answers are combined. */
export interface Asked {
  contexts: readonly FrozenContext[]
  combination?: OutputCombination
}

/** How one question was answered. */
export interface Answered {
  /** Which of the answers was right. */
  truth: number
  /** Log-probabilities of the answers where they part, one for each. */
  scores: number[]
  /** Whether greedy decoding writes everything up to there, and everything after the right answer's part. */
  before: boolean
  after: boolean
  /** Whether it writes one of the answers there. */
  among: boolean
}

const ROWS = 8

/** Asks the frozen model with a composition for context. Teacher-forced, so that one pass tells what greedy decoding would write. */
export class Scorer implements Disposable {
  readonly #engine: GraphEngine
  readonly #model: LoadedModel
  readonly #maxLength: number

  constructor({
    model,
    runtime,
    weights,
    threads,
    maxLength,
  }: { model: LoadedModel; runtime: Runtime; weights: Weights; threads?: number; maxLength: number }) {
    const program = frozenProgram(model)
    this.#model = model
    this.#maxLength = maxLength
    this.#engine = new GraphEngine({
      program,
      runtime,
      weights,
      threads,
      attention: new AttentionInputs(model),
      values: {},
    })
  }

  /** Perplexity per token over all texts, their first tokens apart. */
  async perplexity(asked: Asked, texts: readonly { text: string }[]): Promise<number> {
    const rows = texts.map(({ text }) => learned(this.#encode(text).slice(0, this.#maxLength), 1))
    let [sum, count] = [0, 0]
    for (const batch of this.#batches(rows)) {
      sum += await this.#loss(asked, batch)
      count += batch.weight
    }
    return Math.exp(sum / count)
  }

  /** Vectors of texts: the mean of the bare model's hidden states over all of a text's tokens but the last, `[H]`. */
  async vectors(texts: readonly string[]): Promise<Float32Array[]> {
    const rows = texts.map((text) => learned(this.#encode(text).slice(-this.#maxLength), 1))
    const found: Float32Array[] = []
    const H = this.#model.spec.hiddenSize
    for (const batch of this.#batches(rows)) {
      const { data } = await this.#engine.hidden({ ...batch, context: noContext })
      let at = 0
      for (const { tokens } of batch.rows) {
        const mean = new Float32Array(H)
        for (let t = 1; t < tokens.length; t++, at++) for (let i = 0; i < H; i++) mean[i] += data[at * H + i] / (tokens.length - 1)
        found.push(mean)
      }
    }
    return found
  }

  async ask(asked: Asked, questions: readonly Question[], answers: readonly string[]): Promise<Answered[]> {
    const end = this.#model.tokenizer!.eosTokenIds[0]
    const written = answers.map((answer) => [...this.#encode(answer, false), end])
    for (const [i, { length }] of written.entries()) if (length >= this.#maxLength) throw answerTooLong(answers[i], length, this.#maxLength)
    const parts = written[0].findIndex((token, i) => written.some((other) => other[i] !== token))
    const row = (prompt: string, own: number[], truth: number) => {
      const prompted = this.#encode(prompt)
      const tokens = [...prompted, ...own].slice(Math.max(0, prompted.length + own.length - this.#maxLength))
      return { ...learned(tokens, tokens.length - own.length), own, truth }
    }
    const rows = questions.map(({ prompt, answer }) => row(prompt, written[answers.indexOf(answer)], answers.indexOf(answer)))
    // Where two answers share the token at which the others part, each is read whole.
    const whole =
      new Set(written.map((tokens) => tokens[parts])).size < written.length
        ? await this.#whole(
            asked,
            questions.flatMap(({ prompt }) => written.map((own, truth) => row(prompt, own, truth))),
            parts,
          )
        : undefined
    const found: Answered[] = []
    const V = this.#model.spec.vocabSize
    for (const batch of this.#batches(rows)) {
      const data = await this.#logits(asked, batch)
      let at = 0
      for (const { own, truth } of batch.rows as typeof rows) {
        const best = own.map((_, i) => argMax(data.subarray((at + i) * V, (at + i + 1) * V)))
        const logits = data.subarray((at + parts) * V, (at + parts + 1) * V)
        const total = logSumExp(logits)
        at += own.length
        const tokens = written.map((each) => each[parts])
        found.push({
          truth,
          scores: whole?.splice(0, written.length) ?? tokens.map((token) => logits[token] - total),
          among: tokens.includes(best[parts]),
          before: own.slice(0, parts).every((token, i) => token === best[i]),
          after: own.slice(parts + 1).every((token, i) => token === best[parts + 1 + i]),
        })
      }
    }
    return found
  }

  /** Σ log p of each row's answer from where the answers part. */
  async #whole(asked: Asked, rows: readonly (TokenRow & { own: number[] })[], parts: number): Promise<number[]> {
    const V = this.#model.spec.vocabSize
    const sums: number[] = []
    for (const batch of this.#batches(rows)) {
      const data = await this.#logits(asked, batch)
      let at = 0
      for (const { own } of batch.rows as typeof rows) {
        const of = (i: number): number => {
          const logits = data.subarray((at + i) * V, (at + i + 1) * V)
          return logits[own[i]] - logSumExp(logits)
        }
        sums.push(own.slice(parts).reduce((sum, _, i) => sum + of(parts + i), 0))
        at += own.length
      }
    }
    return sums
  }

  /** Σ −log p of a batch's tokens. */
  async #loss(asked: Asked, batch: TokenBatch): Promise<number> {
    if (!asked.combination) return this.#engine.loss({ ...batch, context: asked.contexts[0] }, 1)
    const V = this.#model.spec.vocabSize
    const logits = await this.#logits(asked, batch)
    const targets = batch.rows.flatMap(({ tokens, weights }) => [...tokens].filter((_, t) => weights[t] > 0))
    return targets.reduce((sum, target, i) => {
      const row = logits.subarray(i * V, (i + 1) * V)
      return sum + logSumExp(row) - row[target]
    }, 0)
  }

  /** Logits of the batch's loss rows `[M, V]`, combined row by row where several are asked. */
  async #logits({ contexts, combination }: Asked, batch: TokenBatch): Promise<Float32Array> {
    if (!combination) return (await this.#engine.logits({ ...batch, context: contexts[0] })).data
    const V = this.#model.spec.vocabSize
    const answers: Float32Array[] = []
    for (const context of contexts) answers.push((await this.#engine.logits({ ...batch, context })).data.slice())
    const combined = new Float32Array(answers[0].length)
    const count = batch.rows.reduce((n, { weights }) => n + weights.filter((weight) => weight > 0).length, 0)
    for (let i = 0; i < count; i++)
      combined.set(
        combineOutputs(
          combination,
          answers.map((answer) => answer.subarray(i * V, (i + 1) * V)),
        ),
        i * V,
      )
    return combined
  }

  [Symbol.dispose](): void {
    this.#engine[Symbol.dispose]()
  }

  #encode(text: string, addSpecialTokens = true): number[] {
    return this.#model.tokenizer!.encode(text, { addSpecialTokens })
  }

  /** One width and one number of loss rows for all, so that a composition costs one session. */
  #batches<Row extends TokenRow>(rows: readonly Row[]) {
    const batches = Array.from({ length: Math.ceil(rows.length / ROWS) }, (_, b) => rows.slice(b * ROWS, (b + 1) * ROWS))
    const weigh = (batch: readonly Row[]): number => batch.reduce((sum, { weights }) => sum + weights.filter((w) => w > 0).length, 0)
    const length = Math.ceil(Math.max(...rows.map(({ tokens }) => tokens.length)) / 8) * 8
    const lossRows = Math.max(...batches.map(weigh))
    return batches.map((batch) => tokenBatch(batch, { rows: ROWS, length, lossRows }))
  }
}

const learned = (tokens: number[], from: number): TokenRow => ({
  tokens: Uint32Array.from(tokens),
  weights: Float32Array.from(tokens, (_, t) => (t >= from ? 1 : 0)),
  rowWeight: 1,
})

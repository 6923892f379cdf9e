import { combineAnswers, type OutputCombination } from '@weft/inference/sampling/combine-outputs'
import { OperandWeights } from '@weft/inference/sampling/operand-weights'
import { argMax, logSumExp } from '@weft/inference/sampling/sampler'
import { TokenAnswer } from '@weft/inference/sampling/token-answer'
import { AttentionInputs, type LoadedModel } from '@weft/model'
import { encodeBehind } from '@weft/model/tokenizer/behind'
import type { Runtime, Weights } from '@weft/ort'
import { GraphEngine, type TokenRow, tokenBatch } from '@weft/training'
import { frozenProgram } from '@weft/training/graph/frozen-program'
import { type FrozenContext, noContext } from '@weft/training/regularize/frozen-context'
import { answerTooLong } from '../errors.ts'
import type { AskedComposition } from '../interfere/asked-logits.ts'
import type { Question } from './tasks/task.ts'

/** What is asked of which rows. */
export interface Asked extends AskedComposition {
  /** Of the rows only these, by their places; all unless said. */
  rows?: ReadonlySet<number>
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

/** Of one text. */
export interface Likelihood {
  nats: number
  tokens: number
}

/** A prompt with an answer's tokens, and the first of them that another of its answers does not share. */
interface AnswerRow extends TokenRow {
  own: number[]
  parts: number
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

  /** Under each composition, what each of its texts costs: its nats, over its tokens but the first. */
  async likelihoods(asked: readonly Asked[], texts: readonly { text: string }[]): Promise<Likelihood[][]> {
    const rows = texts.map(({ text }) => learned(this.#encode(text).slice(0, this.#maxLength), 1))
    const found = asked.map(() => rows.map((): Likelihood => ({ nats: 0, tokens: 0 })))
    await this.#answers(asked, rows, (a, { row, place }, logits) => {
      found[a][row].nats += logSumExp(logits) - logits[rows[row].tokens[place + 1]]
      found[a][row].tokens += 1
    })
    return found.map((all, a) => all.filter((_, row) => asked[a].rows?.has(row) ?? true))
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

  /** How each composition answers its questions, in their order. */
  async ask(asked: readonly Asked[], questions: readonly Question[], answers: readonly string[]): Promise<Answered[][]> {
    const end = this.#model.tokenizer!.eosTokenIds[0]
    // As in training and serving, each behind its prompt: with the tokens that it has there, and not by itself.
    const each = questions.map(({ prompt }) => {
      const prompted = this.#encode(prompt)
      const written = answers.map((answer) => [...encodeBehind(this.#model.tokenizer!, prompt, answer), end])
      for (const [i, { length }] of written.entries()) if (length >= this.#maxLength) throw answerTooLong(answers[i], length, this.#maxLength)
      const parts = written[0].findIndex((token, i) => written.some((other) => other[i] !== token))
      return written.map((own): AnswerRow => {
        const tokens = [...prompted, ...own].slice(Math.max(0, prompted.length + own.length - this.#maxLength))
        return { ...learned(tokens, tokens.length - own.length), own, parts }
      })
    })
    const rows = questions.map(({ answer }, q) => each[q][answers.indexOf(answer)])
    const among = each.map((written) => written.map(({ own, parts }) => own[parts]))
    const found = asked.map(() =>
      questions.map(({ answer }): Answered => ({ truth: answers.indexOf(answer), scores: [], among: false, before: true, after: true })),
    )
    await this.#answers(asked, rows, (a, { row, place }, logits) => {
      const { own, parts, tokens } = rows[row]
      const of = found[a][row]
      const at = place + 1 - (tokens.length - own.length)
      const best = argMax(logits)
      if (at < parts) of.before &&= best === own[at]
      else if (at > parts) of.after &&= best === own[at]
      else {
        const total = logSumExp(logits)
        of.scores = among[row].map((token) => logits[token] - total)
        of.among = among[row].includes(best)
      }
    })
    // Where two answers share the token at which the others part, each is read whole.
    if (among.some((tokens) => new Set(tokens).size < tokens.length)) {
      for (const [a, scores] of (await this.#whole(asked, each.flat(), answers.length)).entries())
        for (const [q, of] of found[a].entries()) of.scores = scores.slice(q * answers.length, (q + 1) * answers.length)
    }
    return found.map((all, a) => all.filter((_, q) => asked[a].rows?.has(q) ?? true))
  }

  /** Σ log p of each row's answer from where the answers part, by composition. @param each rows of one question */
  async #whole(asked: readonly Asked[], rows: readonly AnswerRow[], each: number): Promise<number[][]> {
    const sums = asked.map(() => rows.map(() => 0))
    const all = asked.map(({ rows: only, ...of }) => ({
      ...of,
      ...(only && { rows: new Set([...rows.keys()].filter((row) => only.has(Math.floor(row / each)))) }),
    }))
    await this.#answers(all, rows, (a, { row, place }, logits) => {
      const { own, parts, tokens } = rows[row]
      const at = place + 1 - (tokens.length - own.length)
      if (at >= parts) sums[a][row] += logits[own[at]] - logSumExp(logits)
    })
    return sums
  }

  /**
   * Visits the logits `[V]` with which each composition predicts each learned token of its rows, row by row. What several compositions read, an adapter or the base
   * alone, is computed once.
   * @param visit gets the composition's place, the row's, and the place in it of the token before the one predicted
   */
  async #answers(
    asked: readonly Asked[],
    rows: readonly TokenRow[],
    visit: (composition: number, at: { row: number; place: number }, logits: Float32Array) => void,
  ): Promise<void> {
    const V = this.#model.spec.vocabSize
    for (const [b, batch] of this.#batches(rows).entries()) {
      const at = batch.rows.flatMap(({ weights }, i) => [...weights.keys()].filter((t) => weights[t] > 0).map((t) => ({ row: b * ROWS + i, place: t - 1 })))
      const reading = [...asked.entries()].filter(([, { rows: only }]) => !only || at.some(({ row }) => only.has(row)))
      const logits = new Map<FrozenContext, Float32Array>()
      for (const context of new Set(reading.flatMap(([, { contexts }]) => contexts)))
        logits.set(context, (await this.#engine.logits({ ...batch, context })).data.slice(0, at.length * V))
      // A row's learned tokens are one answer, and come one after another.
      const weights = new Map<number, { row: number; of: OperandWeights }>()
      const weightsOf = (a: number, row: number, { operands }: OutputCombination): OperandWeights => {
        const known = weights.get(a)
        if (known?.row === row) return known.of
        const of = new OperandWeights(operands)
        weights.set(a, { row, of })
        return of
      }
      for (const [i, each] of at.entries()) {
        const answers = new Map([...logits].map(([context, data]) => [context, new TokenAnswer(data.subarray(i * V, (i + 1) * V))]))
        for (const [a, { contexts, combination, rows: only }] of reading) {
          if (only && !only.has(each.row)) continue
          const read = contexts.map((context) => answers.get(context)!)
          if (!combination) visit(a, each, read[0].logits)
          else {
            const ofAnswer = weightsOf(a, each.row, combination)
            visit(a, each, combineAnswers(combination, read, undefined, ofAnswer))
            ofAnswer.wrote(rows[each.row].tokens[each.place + 1])
          }
        }
      }
    }
  }

  [Symbol.dispose](): void {
    this.#engine[Symbol.dispose]()
  }

  #encode(text: string): number[] {
    return this.#model.tokenizer!.encode(text)
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

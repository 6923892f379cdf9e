import type { PlacedComposition } from '@weft/adapters'
import type { AdapterTensors } from '../compositions/adapter-tensors.ts'
import { tooManyWaiting } from '../errors.ts'
import type { Row } from '../generation/row.ts'
import type { SchedulerOptions } from '../scheduler/scheduler.ts'
import type { Answering, EncoderDecoderForward } from './forward.ts'

/** A prompt behind a composition, and the row that tells of the answer. */
export interface Question {
  row: Row
  composition: PlacedComposition
  layers: AdapterTensors | null
}

/** Answers of an encoder-decoder: every prompt is read once, and all answers in progress grow by a token in turn. */
export class Answers {
  readonly #forward: EncoderDecoderForward
  readonly #options: SchedulerOptions
  readonly #startToken: number
  readonly #waiting = new Set<Question>()
  #answering: (Question & { state: Answering })[] = []
  #running: Promise<void> | undefined

  constructor(forward: EncoderDecoderForward, options: SchedulerOptions, startToken: number) {
    this.#forward = forward
    this.#options = options
    this.#startToken = startToken
  }

  get load(): { active: number; waiting: number } {
    return { active: this.#answering.length, waiting: this.#waiting.size }
  }

  /** @throws WeftError `too_many_waiting` */
  submit(question: Question, signal?: AbortSignal): void {
    const { row } = question
    if (this.#waiting.size >= this.#options.maxWaiting) throw tooManyWaiting(this.#options.maxWaiting)
    if (signal?.aborted) return row.abort(signal.reason)
    signal?.addEventListener('abort', () => row.abort(signal.reason), { once: true })
    this.#waiting.add(question)
    row.whenFinished(() => this.#waiting.delete(question))
    this.#running ??= this.#run().finally(() => (this.#running = undefined))
  }

  /** When every answer is complete. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#waiting.size + this.#answering.length > 0) {
      if (this.#answering.length < this.#options.maxBatch) await this.#admit()
      for (const { row, state } of this.#answering) if (!row.finished) await this.#step(row, state, row.token)
      for (const { row, state } of this.#answering) if (row.finished) state[Symbol.dispose]()
      this.#answering = this.#answering.filter(({ row }) => !row.finished)
    }
  }

  /** Reads the next prompt, and begins its answer. */
  async #admit(): Promise<void> {
    const [question] = this.#waiting
    if (!question) return
    this.#waiting.delete(question)
    const { row, composition, layers } = question
    try {
      const state = await this.#forward.read(row.request.prompt, composition, layers)
      row.sequence.position = composition.placement.longestPrefix
      this.#answering.push({ ...question, state })
      if (!row.finished) await this.#step(row, state, this.#startToken)
    } catch (error) {
      row.fail(error)
    }
  }

  async #step(row: Row, state: Answering, token: number): Promise<void> {
    try {
      const logits = await this.#forward.feed(state, [token])
      row.sequence.position++
      if (!row.finished) row.accept(logits)
    } catch (error) {
      row.fail(error)
    }
  }
}

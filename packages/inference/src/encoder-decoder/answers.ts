import type { PlacedComposition } from '@weft/adapters'
import type { AdapterTensors } from '../compositions/adapter-tensors.ts'
import type { Row } from '../generation/row.ts'
import type { Asker } from '../scheduler/asker.ts'
import type { DecodeBatch } from '../scheduler/scheduler.ts'
import type { Work } from '../scheduler/work.ts'
import type { Answering, EncoderDecoderForward } from './forward.ts'

/** A prompt behind a composition, and the row that tells of the answer. */
export interface Question {
  row: Row
  composition: PlacedComposition
  layers: AdapterTensors | null
}

/** Answers of an encoder-decoder: every prompt is read once, and all answers in progress grow by a token in turn. */
export class Answers implements DecodeBatch {
  readonly #forward: EncoderDecoderForward
  readonly #maxBatch: number
  readonly #startToken: number
  #answering: { row: Row; state: Answering; token: number }[] = []

  constructor(forward: EncoderDecoderForward, maxBatch: number, startToken: number) {
    this.#forward = forward
    this.#maxBatch = maxBatch
    this.#startToken = startToken
  }

  get size(): number {
    return this.#answering.length
  }

  /** The reading of a question's prompt, after which its answer grows with the others. */
  reading(question: Question): Work {
    return new QuestionReading(question, {
      fits: () => this.size < this.#maxBatch,
      read: () => this.#read(question),
    })
  }

  async decode(): Promise<readonly Asker[]> {
    const served: Asker[] = []
    for (const answer of this.#answering) {
      const { row, state } = answer
      if (row.finished) continue
      try {
        const logits = await this.#forward.feed(state, [answer.token])
        row.sequence.position++
        if (!row.finished) row.accept(logits)
        answer.token = row.token
        served.push(row.request.asker ?? {})
      } catch (error) {
        row.fail(error)
      }
    }
    for (const { row, state } of this.#answering) if (row.finished) state[Symbol.dispose]()
    this.#answering = this.#answering.filter(({ row }) => !row.finished)
    return served
  }

  rest(): void {}

  async #read({ row, composition, layers }: Question): Promise<void> {
    const state = await this.#forward.read(row.request.prompt, composition, layers)
    row.sequence.position = composition.placement.longestPrefix
    this.#answering.push({ row, state, token: this.#startToken })
  }
}

/** A prompt is read in one piece: in both directions, no part of it can go first. */
class QuestionReading implements Work {
  readonly asker: Asker
  readonly places = 1
  begun = false
  readonly #row: Row
  readonly #batch: { fits: () => boolean; read: () => Promise<void> }

  constructor({ row }: Question, batch: { fits: () => boolean; read: () => Promise<void> }) {
    this.asker = row.request.asker ?? {}
    this.#row = row
    this.#batch = batch
  }

  get tokens(): number {
    return this.#row.request.prompt.length
  }

  get ready(): boolean {
    return this.#batch.fits()
  }

  get done(): boolean {
    return this.begun || this.#row.finished
  }

  async run(): Promise<number> {
    this.begun = true
    try {
      if (!this.#row.finished) await this.#batch.read()
    } catch (error) {
      this.#row.fail(error)
    }
    return this.tokens
  }
}

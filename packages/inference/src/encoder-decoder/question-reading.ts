import type { Row } from '../generation/row.ts'
import type { Asker } from '../scheduler/asker.ts'
import type { Work } from '../scheduler/work.ts'

/** The reading of a prompt, in one piece: in both directions, no part of it can go first. */
export class QuestionReading implements Work {
  readonly asker: Asker
  readonly places = 1
  begun = false
  readonly #row: Row
  readonly #batch: { fits: () => boolean; read: () => Promise<void> }

  constructor(row: Row, batch: { fits: () => boolean; read: () => Promise<void> }) {
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
    this.#row.request.progress?.begun()
    try {
      if (!this.#row.finished) await this.#batch.read()
    } catch (error) {
      this.#row.fail(error)
    }
    return this.tokens
  }
}

import { combinedLogits, combineOutputs, type OutputCombination } from '../sampling/combine-outputs.ts'
import { OperandWeights } from '../sampling/operand-weights.ts'
import type { BatchRow } from '../scheduler/batch-row.ts'
import { emptySequence, type RowPrefix, type Sequence } from '../sequence.ts'

/** What several rows answer together: samples or reads, tells, and ends. It has no place in the batch itself. */
export interface JointAnswer extends Pick<BatchRow, 'sequence' | 'token' | 'finished' | 'answer' | 'accept' | 'end' | 'fail' | 'abort' | 'whenFinished'> {
  readonly request: Pick<BatchRow['request'], 'prompt' | 'text' | 'asker' | 'progress'>
  cachedTokens?: number
  /** Whether it counts where 0 lies among the logits, and not only how far they are apart. */
  readonly readsLevel?: boolean
}

/**
 * The rows of one request whose compositions meet at the output: each is an ordinary row of the batch, with a place in the cache of
 * its own, and all are fed the one token that is sampled from what they say together.
 *
 * @param behind one a row: the base's (null) first where the operator asks it, then the operands'
 */
export function outputRows(answer: JointAnswer, combination: OutputCombination, behind: readonly RowPrefix[]): BatchRow[] {
  const rows: OutputRow[] = behind.map((of) => new OutputRow(answer, of, () => settle()))
  const weights = new OperandWeights(combination.operands)
  let combined: Float32Array | undefined
  const settle = (): void => {
    if (rows.some(({ said }) => said === null)) return
    // The answer's own limits are those of the row that has gone furthest.
    answer.sequence = { ...emptySequence(), position: Math.max(...rows.map(({ sequence }) => sequence.position)) }
    // A token of the prompt is spared where no row read it.
    if (rows.every(({ cachedTokens }) => cachedTokens !== undefined)) answer.cachedTokens = Math.min(...rows.map(({ cachedTokens }) => cachedTokens!))
    const said = rows.map((row) => row.said!)
    // Kept from token to token: so much fresh memory would cost more than the sum.
    combined ??= new Float32Array(said[0].length)
    answer.accept((answer.readsLevel ? combinedLogits : combineOutputs)(combination, said, combined, weights))
    if (!answer.finished) weights.wrote(answer.token)
    for (const row of rows) row.go(answer.token)
  }
  return rows
}

class OutputRow implements BatchRow {
  readonly request: BatchRow['request']
  sequence: Sequence = emptySequence()
  prefilled = 0
  cachedTokens?: number
  token = 0
  /** Logits `[V]` of this step, until the others have theirs. */
  said: Float32Array | null = null
  /** Where they are kept, token after token. */
  #kept: Float32Array | undefined
  readonly #answer: JointAnswer
  readonly #settle: () => void

  constructor(answer: JointAnswer, { fixed, owner }: RowPrefix, settle: () => void) {
    const { prompt, text, asker, progress } = answer.request
    this.request = { prompt, fixed, ...(text && { text }), ...(asker && { asker }), ...(owner && { owner }), ...(progress && { progress }) }
    this.#answer = answer
    this.#settle = settle
  }

  get answer(): readonly number[] {
    return this.#answer.answer
  }

  get finished(): boolean {
    return this.#answer.finished
  }

  accept(logits: Float32Array): void {
    if (this.said) {
      // The others still read their prompt. What this row was fed meanwhile never was: its slot is written again.
      this.sequence.slots--
      this.sequence.position--
      return
    }
    this.#kept ??= new Float32Array(logits.length)
    this.#kept.set(logits)
    this.said = this.#kept
    this.#settle()
  }

  /** Goes on with what was sampled. */
  go(token: number): void {
    this.token = token
    this.said = null
  }

  end(): void {
    this.#answer.end('cancelled')
  }

  fail(error: unknown): void {
    this.#answer.fail(error)
  }

  abort(reason: unknown): void {
    this.#answer.abort(reason)
  }

  whenFinished(leave: () => void): void {
    this.#answer.whenFinished(leave)
  }
}

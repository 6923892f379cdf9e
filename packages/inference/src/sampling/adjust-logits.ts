/** What changes logits before a token is drawn. Absent or neutral values change nothing. */
export interface LogitAdjustments {
  /** Divides positive and multiplies negative logits of tokens that the prompt or the answer holds (Keskar et al. 2019, CTRL); 1 is neutral. */
  repetitionPenalty?: number
  /** Subtracted once from tokens that the answer holds. OpenAI's. */
  presencePenalty?: number
  /** Subtracted from a token for each time that the answer holds it. OpenAI's. */
  frequencyPenalty?: number
  /** Added to single tokens, last of all: −100 bans one, whatever else favours it. */
  logitBias?: ReadonlyMap<number, number>
}

/** Keeps count of one sequence's tokens and adjusts each step's logits by them. */
export class LogitAdjuster {
  readonly #adjustments: LogitAdjustments
  readonly #prompt: ReadonlySet<number>
  readonly #answered = new Map<number, number>()

  constructor(adjustments: LogitAdjustments, prompt: readonly number[]) {
    this.#adjustments = adjustments
    this.#prompt = new Set(prompt)
  }

  /** A token that the answer holds from here on. */
  count(token: number): void {
    this.#answered.set(token, (this.#answered.get(token) ?? 0) + 1)
  }

  /** `logits [V]` themselves where there is nothing to adjust, else a changed copy. */
  adjust(logits: Float32Array): Float32Array {
    const { repetitionPenalty = 1, presencePenalty = 0, frequencyPenalty = 0, logitBias } = this.#adjustments
    const counts = presencePenalty !== 0 || frequencyPenalty !== 0
    if (repetitionPenalty === 1 && !counts && !logitBias?.size) return logits
    const adjusted = logits.slice()
    if (repetitionPenalty !== 1)
      for (const token of new Set([...this.#prompt, ...this.#answered.keys()]))
        adjusted[token] = adjusted[token] > 0 ? adjusted[token] / repetitionPenalty : adjusted[token] * repetitionPenalty
    if (counts) for (const [token, count] of this.#answered) adjusted[token] -= presencePenalty + count * frequencyPenalty
    for (const [token, bias] of logitBias ?? []) adjusted[token] += bias
    return adjusted
  }
}

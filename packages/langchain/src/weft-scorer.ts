import { type Composition, compositionText, type WeftClient } from '@weft/client'
import { clientOf, type WeftConnection } from './connection.ts'
import { TextRunnable } from './text-runnable.ts'

/** How likely a text is. */
export interface Score {
  /** Tokens that were scored. */
  tokens: number
  /** The sum of their natural logarithms. */
  logprob: number
  /** Null where no token was scored. */
  perplexity: number | null
}

export interface WeftScorerFields extends WeftConnection {
  composition?: Composition
  /** What stands before every text and is not scored. */
  prompt?: string | undefined
}

/** Log-probability and perplexity of texts under a composition. A list of them (`batch`) is one request. */
export class WeftScorer extends TextRunnable<Score> {
  lc_namespace = ['weft', 'scorer']
  readonly composition: Composition
  readonly #weft: WeftClient
  readonly #prompt: string | undefined

  constructor({ composition = 'base', prompt, ...connection }: WeftScorerFields = {}) {
    super()
    this.composition = composition
    this.#weft = clientOf(connection)
    this.#prompt = prompt
  }

  static override lc_name() {
    return 'WeftScorer'
  }

  protected async ask(input: string[], options: { signal?: AbortSignal }): Promise<Score[]> {
    const prompt = this.#prompt === undefined ? {} : { prompt: this.#prompt }
    const { data } = await this.#weft.score({ model: compositionText(this.composition), input, ...prompt }, options)
    return data.map(({ tokens, logprob, perplexity }) => ({ tokens, logprob, perplexity }))
  }
}

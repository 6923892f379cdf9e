import type { RunnableConfig } from '@langchain/core/runnables'
import { type Composition, compositionText, type WeftClient } from '@weft/client'
import { clientOf, type WeftConnection } from './connection.ts'
import type { TextInput } from './input-text.ts'
import { TextRunnable } from './text-runnable.ts'

/** A label, and the probability of every label. */
export interface Label {
  label: string
  scores: Record<string, number>
}

export interface WeftClassifierFields extends WeftConnection {
  /** A composition with a classifier's head (`mail/spam`), or any with `choices`. */
  composition: Composition
  /** Labels to choose from by their likelihood after the text, for a composition without a head: `[' spam', ' ham']`. */
  choices?: string[] | undefined
  /** Cuts a text that is longer than the context, which is refused otherwise. */
  truncate?: boolean | undefined
}

/** Where an edge of a graph leads when the likeliest label is not likely enough. */
export interface Unsure {
  /** Least probability of the label. */
  atLeast: number
  otherwise: string
}

/**
 * Labels texts. A list of them (`batch`) is one request.
 * @example
 * const spam = new WeftClassifier({ composition: 'mail/spam' })
 * graph.addConditionalEdges('read', spam.edge(({ mail }) => mail), { spam: 'drop', ham: 'answer' })
 */
export class WeftClassifier extends TextRunnable<Label> {
  lc_namespace = ['weft', 'classifier']
  readonly composition: Composition
  readonly #weft: WeftClient
  readonly #rest: { choices?: string[]; truncate?: boolean }

  constructor({ composition, choices, truncate, ...connection }: WeftClassifierFields) {
    super()
    this.composition = composition
    this.#weft = clientOf(connection)
    this.#rest = { ...(choices === undefined ? {} : { choices }), ...(truncate === undefined ? {} : { truncate }) }
  }

  static override lc_name() {
    return 'WeftClassifier'
  }

  protected async ask(input: string[], options: { signal?: AbortSignal }): Promise<Label[]> {
    const { data } = await this.#weft.classify({ model: compositionText(this.composition), input, ...this.#rest }, options)
    return data.map(({ label, scores }) => ({ label, scores }))
  }

  /** For `addConditionalEdges`: the label of what `text` takes out of a graph's state. */
  edge<State>(text: (state: State) => TextInput, unsure?: Unsure): (state: State, config?: Partial<RunnableConfig>) => Promise<string> {
    return async (state, config) => {
      const { label, scores } = await this.invoke(text(state), config)
      return unsure !== undefined && scores[label]! < unsure.atLeast ? unsure.otherwise : label
    }
  }
}

import { Embeddings, type EmbeddingsParams } from '@langchain/core/embeddings'
import { type Composition, compositionText, type WeftClient } from '@weft/client'
import { clientOf, type WeftConnection } from './connection.ts'
import { refusedForGood } from './errors.ts'

export interface WeftEmbeddingsFields extends EmbeddingsParams, WeftConnection {
  composition?: Composition
  /** Whose hidden states make the vector; what the composition was trained to read unless said. */
  pooling?: 'mean' | 'last' | undefined
  /** Cuts a text that is longer than the context, which is refused otherwise. */
  truncate?: boolean | undefined
}

/** Vectors of length 1, of a base model or beneath a composition. */
export class WeftEmbeddings extends Embeddings {
  readonly composition: Composition
  readonly #weft: WeftClient
  readonly #rest: { pooling?: 'mean' | 'last'; truncate?: boolean }

  constructor({ composition = 'base', pooling, truncate, baseUrl, apiKey, tenant, ...params }: WeftEmbeddingsFields = {}) {
    super(params)
    this.composition = composition
    // The caller asks again, as often as `maxRetries` says, and the client not besides.
    this.#weft = clientOf({ baseUrl, apiKey, tenant }, { maxRetries: 0 })
    this.#rest = { ...(pooling === undefined ? {} : { pooling }), ...(truncate === undefined ? {} : { truncate }) }
  }

  async embedDocuments(documents: string[]): Promise<number[][]> {
    const model = compositionText(this.composition)
    const vectors: number[][] = []
    for (let at = 0; at < documents.length; at += MOST) {
      const input = documents.slice(at, at + MOST)
      const { data } = await this.caller.call(() =>
        this.#weft.embeddings({ model, input, ...this.#rest }).catch((error: unknown) => {
          throw refusedForGood(error)
        }),
      )
      vectors.push(...data.map(({ embedding }) => embedding))
    }
    return vectors
  }

  async embedQuery(document: string): Promise<number[]> {
    return (await this.embedDocuments([document]))[0]!
  }
}

/** Texts of one request. */
const MOST = 2048

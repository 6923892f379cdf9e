import { type Composed, unpackComposition } from '@weft/adapters'
import type { LoadedModel } from '@weft/model'
import { isWeftError } from '@weft/protocol'
import { LRUCache } from 'lru-cache'
import { compositionNotHeld, compositionOfAnotherModel, compositionTooLarge, invalidCompositionKey, noModelReady } from '../errors.ts'
import { type Metrics, noMetrics } from '../metrics.ts'
import { adapterTensors } from './adapter-tensors.ts'

interface Held {
  composed: Composed
  fingerprint: string
}

/** As `compositionKey` writes it. */
const KEY = /^sha256:[0-9a-f]{64}$/

/** Compositions under their key, as the edge sent them; the least recently used ones give way under the byte budget. */
export class CompositionStore {
  readonly #held: LRUCache<string, Held>
  readonly #budget: number
  readonly #metrics: Metrics

  constructor(budget: number, metrics: Metrics = noMetrics) {
    this.#metrics = metrics
    this.#budget = budget
    this.#held = new LRUCache({ maxSize: budget })
  }

  /** How many are held, and their bytes. */
  get held(): { count: number; bytes: number } {
    return { count: this.#held.size, bytes: this.#held.calculatedSize }
  }

  /**
   * Takes safetensors bytes in. Nothing of them reaches a device before names, shapes, types, values and norms are known
   * to be good for the model they were composed for.
   * @param models those that this runner serves
   * @throws WeftError `invalid_composition_key`, `composition_too_large`, 409 `wrong_base_model`, 422 as `unpackComposition` and `adapterTensors`
   */
  put(key: string, bytes: Uint8Array, models: readonly LoadedModel[]): { composed: Composed; fingerprint: string } {
    if (!KEY.test(key)) throw invalidCompositionKey(key)
    if (bytes.byteLength > this.#budget) throw compositionTooLarge(bytes.byteLength, this.#budget)
    if (models.length === 0) throw noModelReady()
    let refusal: unknown
    for (const { name, spec, fingerprint } of models) {
      try {
        const composed = unpackComposition(bytes, spec, { name, fingerprint })
        adapterTensors(composed, spec) // refuses what no run could hold
        const held = { composed, fingerprint }
        this.#held.set(key, held, { size: bytes.byteLength })
        return held
      } catch (error) {
        // It was composed for one of the models: that one's complaint is the one that helps.
        if (refusal === undefined || !(isWeftError(error) && error.code === 'wrong_base_model')) refusal = error
      }
    }
    throw refusal
  }

  /** @throws WeftError `invalid_composition_key`, 424 `composition_not_held`, `composition_of_another_model` */
  get(key: string, model: LoadedModel): Composed {
    if (!KEY.test(key)) throw invalidCompositionKey(key)
    const held = this.#held.get(key)
    this.#metrics.count(held === undefined ? 'composition_miss' : 'composition_hit')
    if (held === undefined) throw compositionNotHeld(key)
    if (held.fingerprint !== model.fingerprint) throw compositionOfAnotherModel(key, model.name)
    return held.composed
  }
}

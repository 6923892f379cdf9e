import { type Composed, positionsOf } from '@weft/adapters'
import { type AdapterTensors, adapterTensors } from '../compositions/adapter-tensors.ts'
import { rowEmbeds } from '../compositions/embeds.ts'
import { placed, valuesOf } from '../compositions/placed.ts'
import { contextExceeded } from '../errors.ts'
import type { PrefixCache } from '../prefix-cache/prefix-cache.ts'
import type { PrefixOwner } from '../prefix-cache/prefix-owner.ts'
import type { Asker } from '../scheduler/asker.ts'
import { SharedWork } from '../scheduler/shared-work.ts'
import { EMPTY, type FixedPrefix } from '../sequence.ts'
import type { ScratchSequence } from './scratch-sequence.ts'

/**
 * What a composition puts before every prompt, as keys and values: computed once, at its first use, and kept. For a causal
 * model nothing in it depends on what follows, so a request starts from a copy, and a long prompt costs nothing.
 */
export class FixedPrefixes {
  readonly #scratch: ScratchSequence
  readonly #kept: PrefixCache
  readonly #layers = new Map<string, WeakRef<AdapterTensors>>()
  readonly #inProgress = new SharedWork<FixedPrefix | null>()

  constructor(scratch: ScratchSequence, kept: PrefixCache) {
    this.#scratch = scratch
    this.#kept = kept
  }

  /** Null for a composition that takes no positions and does nothing inside layers (a head alone, the bare model). */
  async of(owner: PrefixOwner, composed: Composed, asker: Asker, signal?: AbortSignal): Promise<FixedPrefix | null> {
    const layers = this.#layersOf(owner.composition!, composed)
    // What stands before every prompt stands before any invocation.
    const { dormant = owner.composition, ...own } = owner
    const prefix = await this.#prefix({ ...own, composition: dormant }, composed, layers, asker, signal)
    return layers ? { ...(prefix ?? EMPTY), layers } : prefix
  }

  /** The same for the same key, by whomever it was composed: rows that share it share its tensors. */
  #layersOf(key: string, composed: Composed): AdapterTensors | null {
    const known = this.#layers.get(key)?.deref()
    if (known) return known
    const layers = adapterTensors(composed, this.#scratch.forward.sessions.model.spec)
    if (layers === null) return null
    for (const [key, held] of this.#layers) if (!held.deref()) this.#layers.delete(key)
    this.#layers.set(key, new WeakRef(layers))
    return layers
  }

  async #prefix(owner: PrefixOwner, composed: Composed, layers: AdapterTensors | null, asker: Asker, signal?: AbortSignal): Promise<FixedPrefix | null> {
    const kept = this.#kept.composition(owner)
    if (kept !== undefined) return kept
    const fixed = await this.#inProgress.of(JSON.stringify(owner), asker, (by, given) => this.#compute(composed, layers, by, given), signal)
    if (fixed) this.#kept.keepComposition(owner, fixed)
    return fixed
  }

  async #compute(composed: Composed, layers: AdapterTensors | null, asker: Asker, signal: AbortSignal): Promise<FixedPrefix | null> {
    const { attention, embedding, model } = this.#scratch.forward.sessions
    const all = placed(composed, model, embedding, ['cache'])
    const { placement } = all
    const { prefixLengths } = placement
    const slots = placement.prefix + placement.rows
    const position = positionsOf(placement)
    if (slots === 0) return null
    const { maxPositions, hiddenSize } = model.spec
    if (position > maxPositions) throw contextExceeded(position, maxPositions, { composition: position })

    const bias = new Float32Array(slots)
    if (placement.prefixBias) bias.set(placement.prefixBias)
    if (placement.rowBias) bias.set(placement.rowBias, placement.prefix)
    const overlaid = prefixLengths.length > 1 && attention.windows.some((window) => window !== null)
    // Biases of single keys are added to the mask, so there is one.
    const strengths = overlaid || composed.sites.keyValue?.keyBias || bias.some((strength) => strength !== 0) ? bias : null
    const [prefix, rows] = [valuesOf(all, 'keyValue.prefix'), valuesOf(all, 'inputsEmbeds.rows')]
    if (!rows) return { keyValue: prefix!, slots, position, prefixLengths, bias: strengths, logits: null, layers: null }
    const compute = async (scratch: ScratchSequence): Promise<FixedPrefix> => {
      const { forward } = scratch
      await forward.cache.reserve(1, slots, [])
      await forward.start(0, null, [])
      if (prefix) await forward.cache.load(0, prefix, placement.prefix)
      const sequence = { slots: placement.prefix, position: placement.longestPrefix, prefixLengths, bias: strengths, layers, opened: {} }
      const output = forward.sessions.usualOutput
      const last = await scratch.feed(asker, sequence, rowEmbeds(rows, hiddenSize), output, signal)
      const logits = output === 'lastLogits' ? last.slice() : null
      return { keyValue: await forward.cache.save(0, slots), slots, position, prefixLengths, bias: strengths, logits, layers: null }
    }
    return this.#scratch.use(asker, slots, compute, signal)
  }
}

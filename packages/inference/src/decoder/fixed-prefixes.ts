import type { Composed, Segment } from '@weft/adapters'
import { noTokenizer } from '@weft/model'
import { type Embeds, rowEmbeds, tokenEmbeds } from '../embeds.ts'
import { contextExceeded } from '../errors.ts'
import { type LayerSites, layerSitesOf } from '../layer-sites.ts'
import type { PrefixCache } from '../prefix-cache.ts'
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
  readonly #layers = new Map<string, WeakRef<LayerSites>>()
  readonly #inProgress = new SharedWork<FixedPrefix | null>()

  constructor(scratch: ScratchSequence, kept: PrefixCache) {
    this.#scratch = scratch
    this.#kept = kept
  }

  /** Null for a composition that takes no positions and does nothing inside layers (a head alone, the bare model). */
  async of(key: string, composed: Composed, signal?: AbortSignal): Promise<FixedPrefix | null> {
    const layers = this.#layersOf(key, composed)
    const prefix = await this.#prefix(key, composed, layers, signal)
    return layers ? { ...(prefix ?? EMPTY), layers } : prefix
  }

  /** The same for the same key, by whomever it was composed: rows that share it share its tensors. */
  #layersOf(key: string, composed: Composed): LayerSites | null {
    const known = this.#layers.get(key)?.deref()
    if (known) return known
    const layers = layerSitesOf(composed)
    if (layers === null) return null
    for (const [key, held] of this.#layers) if (!held.deref()) this.#layers.delete(key)
    this.#layers.set(key, new WeakRef(layers))
    return layers
  }

  async #prefix(key: string, composed: Composed, layers: LayerSites | null, signal?: AbortSignal): Promise<FixedPrefix | null> {
    const name = `${this.#scratch.forward.sessions.model.fingerprint} ${key}`
    const kept = this.#kept.get(name)
    if (kept !== undefined) return kept
    const fixed = await this.#inProgress.of(name, (given) => this.#compute(composed, layers, given), signal)
    if (fixed) this.#kept.set(name, fixed)
    return fixed
  }

  async #compute(
    { segments, sites: { keyValue }, longestPrefix, ...composed }: Composed,
    layers: LayerSites | null,
    signal: AbortSignal,
  ): Promise<FixedPrefix | null> {
    const parts = segments.map((segment) => this.#part(segment)).filter(({ embeds }) => embeds.length > 0)
    const prefix = keyValue?.prefix.data as Float32Array | undefined
    const prefixLength = keyValue?.prefix.shape[3] ?? 0
    const rows = parts.reduce((sum, { embeds }) => sum + embeds.length, 0)
    const slots = prefixLength + rows
    const position = longestPrefix + rows
    if (slots === 0) return null
    const {
      model: {
        spec: { maxPositions },
      },
      attention: { windows },
    } = this.#scratch.forward.sessions
    if (position > maxPositions) throw contextExceeded(position, maxPositions, { composition: position })

    const bias = new Float32Array(slots)
    if (keyValue?.bias) bias.set(keyValue.bias.data as Float32Array)
    let at = prefixLength
    for (const part of parts) {
      if (typeof part.bias === 'number') bias.fill(part.bias, at, at + part.embeds.length)
      else if (part.bias) bias.set(part.bias, at)
      at += part.embeds.length
    }
    const prefixLengths = prefixLength === 0 ? [] : (composed.prefixLengths ?? [prefixLength])
    const overlaid = prefixLengths.length > 1 && windows.some((window) => window !== null)
    const strengths = overlaid || bias.some((strength) => strength !== 0) ? bias : null
    if (rows === 0) return { keyValue: prefix!, slots, position, prefixLengths, bias: strengths, logits: null, layers: null }
    return this.#scratch.use(async ({ forward, chunk }) => {
      await forward.cache.reserve(1, slots, [])
      if (prefix) await forward.cache.load(0, prefix, prefixLength)
      const sequence = { slots: prefixLength, position: longestPrefix, prefixLengths, bias: strengths, layers }
      let logits: Float32Array = new Float32Array()
      for (const { embeds } of parts) logits = await forward.feed(0, sequence, embeds, chunk, 'lastLogits', signal)
      logits = logits.slice()
      return { keyValue: await forward.cache.save(0, slots), slots, position, prefixLengths, bias: strengths, logits, layers: null }
    }, signal)
  }

  /** Text is tokenized where it stands, without the special tokens of a text's beginning: the prompt brings those. */
  #part(segment: Segment): { embeds: Embeds; bias: Float32Array | number | undefined } {
    const {
      embedding,
      model: { spec, tokenizer, name },
    } = this.#scratch.forward.sessions
    if (segment.kind === 'rows') return { embeds: rowEmbeds(segment.rows.data, spec.hiddenSize), bias: segment.bias?.data }
    if (!tokenizer) throw noTokenizer(name)
    return { embeds: tokenEmbeds(tokenizer.encode(segment.text, { addSpecialTokens: false }), embedding), bias: segment.bias }
  }
}

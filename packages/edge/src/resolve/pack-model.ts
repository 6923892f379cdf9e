import { type Composed, checkPositions, checkStrengths, compose, digestsOf, packComposition, placementOf } from '@weft/adapters'
import { compositionTooLarge } from '../errors.ts'
import type { LoadAdapter } from './adapter-cache.ts'
import type { ResolvedModel, ResolvedPart } from './resolve-model.ts'

/** `part`: one of the resolved model's own; the whole of it where answers are not combined. */
export type ComposeModel = (resolved: ResolvedModel, part: Pick<ResolvedPart, 'canonical'>) => Promise<Composed>
export type PackModel = (resolved: ResolvedModel, part: ResolvedPart) => Promise<Uint8Array>

/**
 * Loads what a model field names and composes it. Errors: 413 `composition_too_large` before anything is loaded, when the terms together
 * have more than `maxBytes`; 400 `context_length_exceeded` when not one token would fit after it,
 * `invalid_strength` for one that makes a vector too long for a runner.
 */
export const composeModel =
  (load: LoadAdapter, maxBytes: number): ComposeModel =>
  async ({ base, adapters }, { canonical }) => {
    const mentioned = digestsOf(canonical.terms)
    // Stacking copies: `a + a + a` holds three of them.
    const bytes = mentioned.reduce((sum, digest) => sum + adapters.get(digest)!.bytes, 0)
    if (bytes > maxBytes) throw compositionTooLarge(bytes, maxBytes)
    const digests = [...new Set(mentioned)]
    const loaded = new Map(await Promise.all(digests.map(async (digest) => [digest, await load(adapters.get(digest)!)] as const)))
    const composed = compose(canonical, loaded, base.spec)
    checkStrengths(canonical, composed, loaded, base.spec)
    const { rows, longestPrefix } = placementOf(composed)
    // Texts and the prompt are counted by the runner, which has the tokenizer.
    checkPositions({ rows, longestPrefix, prompt: 1 }, base.spec)
    return composed
  }

/** The same, as the safetensors bytes that the runner takes. */
export const packModel =
  (composeIt: ComposeModel): PackModel =>
  async (resolved, part) =>
    packComposition({ ...(await composeIt(resolved, part)), ...(part.dormantKey === undefined ? {} : { dormantKey: part.dormantKey }) }, resolved.base)

import { type CanonicalTerm, type Composed, checkPositions, compose, packComposition, virtualTokens } from '@weft/adapters'
import { adapterId } from '../adapters/adapter-object.ts'
import { compositionTooLarge } from '../errors.ts'
import type { LoadAdapter } from './adapter-cache.ts'
import type { ResolvedModel } from './resolve-model.ts'

export type ComposeModel = (resolved: ResolvedModel) => Promise<Composed>
export type PackModel = (resolved: ResolvedModel) => Promise<Uint8Array>

/** Digests of the terms that are left: a term of strength 0 is gone, and its file need not be read. */
export const digestsOf = (terms: readonly CanonicalTerm[]): string[] =>
  terms.flatMap((term) => (term.kind === 'adapter' ? [term.digest] : term.kind === 'mix' ? term.args.flatMap((arg) => digestsOf(arg.terms)) : []))

/**
 * Loads what a model field names and composes it. Errors: 413 `composition_too_large` before anything is loaded, when the terms together
 * have more than `maxBytes`; 400 `context_length_exceeded` when not one token would fit after it.
 */
export const composeModel =
  (load: LoadAdapter, maxBytes: number): ComposeModel =>
  async ({ base, canonical, adapters }) => {
    const mentioned = digestsOf(canonical.terms)
    // Stacking copies: `a + a + a` holds three of them.
    const bytes = mentioned.reduce((sum, digest) => sum + adapters.get(digest)!.bytes, 0)
    if (bytes > maxBytes) throw compositionTooLarge(bytes, maxBytes)
    const digests = [...new Set(mentioned)]
    const loaded = new Map(await Promise.all(digests.map(async (digest) => [digest, await load(digest, adapterId(adapters.get(digest)!))] as const)))
    const composed = compose(canonical, loaded, base.spec)
    const { rows, longestPrefix } = virtualTokens(composed)
    // Texts and the prompt are counted by the runner, which has the tokenizer.
    checkPositions({ rows, longestPrefix, prompt: 1 }, base.spec)
    return composed
  }

/** The same, as the safetensors bytes that the runner takes. */
export const packModel =
  (composeIt: ComposeModel): PackModel =>
  async (resolved) =>
    packComposition(await composeIt(resolved), resolved.base)

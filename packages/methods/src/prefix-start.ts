import * as z from 'zod/mini'
import { fromKeyValue, fromTrainingKeyValue, type Initializer, normal } from './initializers.ts'

/** Where a prefix starts from, as fields of a method's config, `usual` where nothing is said; `prefixStartSaid` checks them together. */
export const prefixStart = (usual: PrefixStart['prefixInit'] = 'trainingText') => ({
  /** Keys and values that the frozen model has for sampled tokens (`vocab`), for training rows or for a text, or noise. */
  prefixInit: z._default(
    z.pipe(
      z.transform((name) => (name === 'training_text' ? 'trainingText' : name)),
      z.enum(['vocab', 'trainingText', 'text', 'random']),
    ),
    usual,
  ),
  /** The text whose keys and values are tiled over the prefix (`text`). */
  prefixInitText: z.optional(z.string().check(z.minLength(1), z.maxLength(65_536))),
})

interface PrefixStart {
  prefixInit: 'vocab' | 'trainingText' | 'text' | 'random'
  prefixInitText?: string | undefined
}

/** That there is a text to start from where the config says so. */
export const prefixStartSaid = z.refine<PrefixStart>((config) => config.prefixInit !== 'text' || config.prefixInitText !== undefined, {
  path: ['prefixInitText'],
  error: 'prefixInit "text" needs prefixInitText',
})

/** The initializer that a config names, of a prefix `[L, 2, K, P, D]`. */
export const fromPrefixStart = ({ prefixInit, prefixInitText }: PrefixStart): Initializer => {
  if (prefixInit === 'random') return normal(1)
  return prefixInit === 'trainingText' ? fromTrainingKeyValue() : fromKeyValue(prefixInit === 'text' ? prefixInitText : undefined)
}

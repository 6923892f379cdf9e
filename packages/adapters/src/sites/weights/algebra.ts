import { mixNotSupported, stackNotSupported, strengthNotSupported } from '../../errors.ts'
import type { Site } from '../site.ts'
import { inputs } from './inputs.ts'

/** Replacements of the base model's own weights, by their checkpoint names (method `full`). Any subset may be there. */
export const weights: Site = {
  name: 'weights',
  ordered: false,
  strength: 'none',
  mixes: false,
  tensors: (model) => Object.fromEntries(Object.entries(model.weights).map(([name, shape]) => [name, { shape, dtype: 'float32' as const, optional: true }])),
  scale: (_, __, ref) => {
    throw strengthNotSupported('weights', ref)
  },
  stack: (_, __, refs) => {
    throw stackNotSupported('weights', refs ?? [])
  },
  mix: (terms) => {
    if (terms.length === 1 && terms[0].weight === 1) return terms[0].state
    throw mixNotSupported(
      'weights',
      terms.map(({ ref }) => ref ?? 'a term'),
    )
  },
  inputs,
  servedBy: 'session',
}

import type { RouteObject } from '@weft/protocol'

/** What one request is answered with. */
export interface Chosen {
  /** Of the variant; absent where the route has none. */
  variant?: string
  composition: string
}

/**
 * The variant that a key falls to: the same for the same key, as long as the weights stay, and each its weight's share of all keys. A larger weight of
 * the last variant moves only keys that it takes over.
 * @param key whom requests are kept together by: a user, a session, or the request itself
 */
export function chooseVariant({ name, composition, variants }: Pick<RouteObject, 'name' | 'composition' | 'variants'>, key: string): Chosen {
  if (!variants) return { composition }
  const total = variants.reduce((sum, { weight }) => sum + weight, 0)
  let left = (hash(`${name} ${key}`) / 2 ** 32) * total
  for (const variant of variants) {
    left -= variant.weight
    if (left < 0) return { variant: variant.name, composition: variant.composition }
  }
  const last = variants.findLast(({ weight }) => weight > 0)!
  return { variant: last.name, composition: last.composition }
}

/** FNV-1a with the finalizer of MurmurHash3, whose bits all depend on all of the text: 0 to 2³² − 1. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

import { LRUCache } from 'lru-cache'
import type { FixedPrefix } from './sequence.ts'

/** Compositions as keys and values, by model and key. Shared by all engines of a process. */
export type PrefixCache = LRUCache<string, FixedPrefix>

/** The least recently used give way. One larger than `maxBytes` is used and not kept. */
export const createPrefixCache = (maxBytes: number): PrefixCache => new LRUCache({ maxSize: maxBytes, sizeCalculation: bytesOf })

const bytesOf = ({ keyValue, bias, logits }: FixedPrefix): number => keyValue.byteLength + (bias?.byteLength ?? 0) + (logits?.byteLength ?? 0)

import { givenUpSeconds, type IdempotencyKeys, type KeyedRequest, keptSeconds } from '../../src/stores/idempotency-keys.ts'

/** A tenant's idempotency keys in memory. */
export function memoryIdempotencyKeys(now: () => number): IdempotencyKeys {
  const held = new Map<string, KeyedRequest & { createdAt: number }>()
  return {
    async claim(key, request) {
      for (const [each, { createdAt, answer }] of held) if (createdAt <= now() - (answer ? keptSeconds : givenUpSeconds)) held.delete(each)
      const first = held.get(key)
      if (!first) held.set(key, { request, createdAt: now() })
      return first && { request: first.request, ...(first.answer && { answer: first.answer }) }
    },
    async renew(key) {
      const first = held.get(key)
      if (first && !first.answer) held.set(key, { ...first, createdAt: now() })
    },
    async answer(key, answer) {
      const first = held.get(key)
      if (first) held.set(key, { ...first, answer })
    },
    async release(key) {
      if (!held.get(key)?.answer) held.delete(key)
    },
  }
}

/**
 * The wire speaks snake_case, as OpenAI and PEFT do; code speaks camelCase. Keys change and values do not. Keys that are data
 * (labels, weight names, tokens) do not change either.
 */
const opaque = new Set([
  'scores',
  'weights',
  'modules',
  'tasks',
  'rankPattern',
  'alphaPattern',
  'metadata',
  'logitBias',
  'metrics',
  'labelCounts',
  'examples',
  'topLogprobs',
])

export const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

export const camelCase = (key: string): string => key.replace(/_+([a-z0-9])/g, (match, letter: string, at: number) => (at === 0 ? match : letter.toUpperCase()))

/** Deep copy with camelCase keys: `{ max_tokens: 3 }` → `{ maxTokens: 3 }`. */
export function fromWire(value: unknown): unknown {
  return convert(value, camelCase, (key) => opaque.has(camelCase(key)))
}

/** Deep copy with snake_case keys: `{ maxTokens: 3 }` → `{ max_tokens: 3 }`. Undefined fields are left out. */
export function toWire(value: unknown): any {
  return convert(value, snakeCase, (key) => opaque.has(key))
}

function convert(value: unknown, rename: (key: string) => string, isOpaque: (key: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => convert(item, rename, isOpaque))
  if (value === null || typeof value !== 'object') return value
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const result: Record<string, unknown> = Object.create(null)
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) result[rename(key)] = isOpaque(key) ? item : convert(item, rename, isOpaque)
  }
  return { ...result }
}

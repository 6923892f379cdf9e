/**
 * Where parsed JSON holds a lone surrogate: one of the two numbers that write an emoji in UTF-16, as a text has that was cut in its middle. It has no UTF-8,
 * so it would be read and kept as another character. Undefined where there is none.
 *
 * @param text what was parsed
 */
export const loneSurrogateAt = (text: string, json: unknown): string | undefined =>
  // In UTF-8 it can only be escaped.
  /\\u[dD][89a-fA-F]/.test(text) ? found(json) : undefined

/** Without recursion: JSON may be nested deeper than calls. */
const found = (json: unknown): string | undefined => {
  const left: { value: unknown; path: string }[] = [{ value: json, path: '' }]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { value, path } = next
    if (typeof value === 'string' && !value.isWellFormed()) return path || 'the value'
    if (value === null || typeof value !== 'object') continue
    const isArray = Array.isArray(value)
    for (const [key, item] of Object.entries(value).reverse()) {
      if (!key.isWellFormed()) return `a name in ${path || 'the object'}`
      left.push({ value: item, path: isArray ? `${path}[${key}]` : path === '' ? key : `${path}.${key}` })
    }
  }
  return undefined
}

/** Why a text with one is refused. */
export const loneSurrogateSaid = (at: string): string =>
  `${at.length > 200 ? `…${at.slice(-200)}` : at} holds a lone surrogate, half of a character such as \\ud83d without the other: a text that was cut in the middle of an emoji. Cut it between characters.`

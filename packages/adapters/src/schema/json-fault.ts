import { duplicateKey } from './duplicate-key.ts'
import { loneSurrogateAt, loneSurrogateSaid } from './lone-surrogate.ts'

/** What `JSON.parse` read over in a text that somebody wrote, in the words of an error: half a character, or a key of which one value would be lost. */
export function jsonFault(text: string, json: unknown): string | undefined {
  const half = loneSurrogateAt(text, json)
  if (half !== undefined) return loneSurrogateSaid(half)
  const twice = duplicateKey(text)
  if (twice === undefined) return undefined
  const key = JSON.stringify(twice.length > 80 ? `${twice.slice(0, 80)}…` : twice)
  return `the key ${key} stands twice in one object, and only one of its values could be read. Leave the other out.`
}

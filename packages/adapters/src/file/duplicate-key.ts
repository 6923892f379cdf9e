const [quote, backslash, colon, open, close] = [...'"\\:{}'].map((character) => character.charCodeAt(0))
const [openList, closeList] = [...'[]'].map((character) => character.charCodeAt(0))

/**
 * The first key that the outermost object of a valid JSON text has twice. JSON.parse keeps the last one and reports nothing,
 * so two readers may see two different tensors under one name. This is a loop and not a regular expression, since a regular
 * expression overflows the stack on a string of some megabytes.
 */
export function duplicateKey(json: string): string | undefined {
  const seen = new Set<string>()
  let depth = 0
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (code === open || code === openList) depth++
    else if (code === close || code === closeList) depth--
    else if (code === quote) {
      const end = endOfString(json, at)
      if (depth === 1 && isKey(json, end + 1)) {
        const key = JSON.parse(json.slice(at, end + 1)) as string
        if (seen.has(key)) return key
        seen.add(key)
      }
      at = end
    }
  }
  return undefined
}

/** Where the string that begins at `start` has its closing quote. */
function endOfString(json: string, start: number): number {
  let at = start + 1
  while (json.charCodeAt(at) !== quote) at += json.charCodeAt(at) === backslash ? 2 : 1
  return at
}

function isKey(json: string, after: number): boolean {
  while (json.charCodeAt(after) <= 32) after++
  return json.charCodeAt(after) === colon
}

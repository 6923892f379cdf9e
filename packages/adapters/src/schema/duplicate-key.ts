const [quote, backslash, colon, open, close] = [...'"\\:{}'].map((character) => character.charCodeAt(0))
const [openList, closeList] = [...'[]'].map((character) => character.charCodeAt(0))

/**
 * The first key that an object of a valid JSON text has twice, at any depth. JSON.parse keeps the last one and reports nothing,
 * so two readers may see two different things under one name. This is a loop and not a regular expression, since a regular
 * expression overflows the stack on a string of some megabytes.
 */
export function duplicateKey(json: string): string | undefined {
  /** Keys of every object and list that is open; a list has none. Most have few, and a text may open millions: the first one needs no set. */
  const seen: (string | Set<string> | undefined)[] = []
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (code === open || code === openList) seen.push(undefined)
    else if (code === close || code === closeList) seen.pop()
    else if (code === quote) {
      const end = endOfString(json, at)
      if (isKey(json, end + 1)) {
        const key = JSON.parse(json.slice(at, end + 1)) as string
        const keys = seen.at(-1)
        if (keys === undefined) seen[seen.length - 1] = key
        else if (keys === key || (typeof keys === 'object' && keys.has(key))) return key
        else if (typeof keys === 'object') keys.add(key)
        else seen[seen.length - 1] = new Set([keys, key])
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

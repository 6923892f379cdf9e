/**
 * The first key that the outermost object of a valid JSON text has twice; JSON.parse keeps the last one without a word,
 * so two readers may see two different tensors under one name.
 */
export function duplicateKey(json: string): string | undefined {
  const seen = new Set<string>()
  let depth = 0
  // Strings first, so that a brace inside one is no brace; what follows a key is its colon.
  for (const [token, colon] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (depth === 1 && colon) {
      const key = JSON.parse(token.slice(0, -colon.length)) as string
      if (seen.has(key)) return key
      seen.add(key)
    }
  }
  return undefined
}

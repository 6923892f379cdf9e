/**
 * The first key that the outermost object of a valid JSON text has twice; JSON.parse keeps the last one without a word,
 * so two readers may see two different tensors under one name.
 */
export function duplicateKey(json: string): string | undefined {
  const seen = new Set<string>()
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gy
  let depth = 0
  for (let at = 0; at < json.length; ) {
    token.lastIndex = at
    const match = token.exec(json)
    if (!match) {
      at++
      continue
    }
    at = token.lastIndex
    const [text] = match
    if (text === '{' || text === '[') depth++
    else if (text === '}' || text === ']') depth--
    else if (text[0] === '"' && depth === 1 && /^\s*:/.test(json.slice(at, at + 64))) {
      const key = JSON.parse(text) as string
      if (seen.has(key)) return key
      seen.add(key)
    }
  }
  return undefined
}

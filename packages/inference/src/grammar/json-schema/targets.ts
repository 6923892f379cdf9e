/** What a reference within the schema leads to; anything is allowed where that is nothing. */
export function target(root: unknown, reference: string): unknown {
  if (reference !== '#' && !reference.startsWith('#/')) return true
  let found = root
  for (const step of reference.split('/').slice(1)) {
    const name = unescaped(step)
    if (found === null || typeof found !== 'object' || !Object.hasOwn(found, name)) return true
    found = (found as Record<string, unknown>)[name]
  }
  return found
}

const unescaped = (step: string): string => {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return step
  }
}

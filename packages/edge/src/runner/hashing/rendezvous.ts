/**
 * Highest-random-weight hashing (Thaler and Ravishankar 1998): every key ranks all runners by a hash of both. A runner that leaves moves its own keys
 * alone, each to the next of the key's ranking; one that joins takes over the keys that rank it first, and no other key moves.
 * @returns the same names, the key's first choice first
 */
export function ranked<T extends { readonly name: string }>(key: string, runners: readonly T[]): T[] {
  return runners
    .map((runner) => ({ runner, weight: weightOf(key, runner.name) }))
    .sort((a, b) => b.weight - a.weight || (a.runner.name < b.runner.name ? -1 : 1))
    .map(({ runner }) => runner)
}

const FNV_PRIME = 0x01000193
const FNV_OFFSET = 0x811c9dc5

/** FNV-1a of name and key, mixed by MurmurHash3's finalizer (Appleby): alone, FNV's high bits depend too little on the last characters. 32 bits. */
export function weightOf(key: string, name: string): number {
  let hash = FNV_OFFSET
  for (const text of [key, '\n', name]) for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

import { longestProbe, type Probe } from '../probes/probe.ts'

/** Characters below which no two lengths differ. */
const SHORTEST = 16

/**
 * How many characters of texts are compared with a request of so many: the next power of two. Whoever wants a text gone on with asks with its beginning, and the
 * mean over a few tokens lies elsewhere than that over hundreds. Questions are asked whole; where there are no texts, length is nothing to go by.
 */
export function comparedLength(request: number, probes: readonly Probe[]): number {
  const texts = probes.flatMap((probe) => ('text' in probe ? [probe.text.length] : []))
  const length = Math.max(SHORTEST, 2 ** Math.ceil(Math.log2(request)))
  // What cuts nothing is one length.
  return length < Math.max(0, ...texts) ? length : longestProbe
}

/** A probe in words, as a request's are read. @param length characters of a text at most */
export function probeWords(probe: Probe, length: number): string {
  if ('text' in probe) return probe.text.slice(0, length)
  if ('prompt' in probe) return probe.prompt
  return 'tokens' in probe ? probe.tokens.join(' ') : probe.messages.map(({ content }) => content).join('\n')
}

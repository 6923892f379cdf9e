import type { TokenLogprob } from '@weft/protocol'

/** Whether bytes are whole characters by themselves. */
const isText = (bytes: readonly number[]): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes))
    return true
  } catch {
    return false
  }
}

/** `bytes:\xe2\x80`, as OpenAI spells tokens that are a part of a character. */
const spelledBytes = (bytes: readonly number[]): string => `bytes:${bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}`

/** A token as a string that tells it apart: its text, or its bytes where they are no whole characters. */
export const spelled = ({ token, bytes }: Pick<TokenLogprob, 'token' | 'bytes'>): string => (bytes && !isText(bytes) ? spelledBytes(bytes) : token)

/**
 * Log-probabilities by token. Different tokens may still be spelled alike (an added token and a word): the likeliest keeps the spelling,
 * the others have their ids behind it, so that none is lost.
 */
export const byToken = (tokens: readonly TokenLogprob[]): Record<string, number> => {
  const taken = new Set<string>()
  return Object.fromEntries(
    tokens.map((token, place) => {
      const plain = spelled(token)
      const key = taken.has(plain) ? `${plain}#${token.id ?? place}` : plain
      taken.add(key)
      return [key, token.logprob]
    }),
  )
}

import type { Tokenizer } from '@weft/model'
import type { TokenLogprob } from '@weft/protocol'

type Bytes = Pick<Tokenizer, 'bytes'>

/** A token's log-probability with its text and bytes. @param first whether it begins its text, where some tokenizers leave a blank out */
export function tokenLogprob(tokenizer: Bytes | null, id: number, logprob: number, first: boolean): TokenLogprob & { id: number } {
  const bytes = tokenizer?.bytes(id, { first })
  return { token: bytes ? lossyText(bytes) : String(id), id, logprob, bytes: bytes ? [...bytes] : null }
}

const lossyText = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

/** Where each token begins in the text that all of them make, in Unicode characters; the rest of a character begins where the character does. */
export function textOffsets(tokens: readonly TokenLogprob[]): number[] {
  const encoder = new TextEncoder()
  let characters = 0
  return tokens.map(({ token, bytes }) => {
    const own = bytes ?? encoder.encode(token)
    const offset = own.length > 0 && isContinuation(own[0]) ? Math.max(0, characters - 1) : characters
    for (const byte of own) if (!isContinuation(byte)) characters++
    return offset
  })
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80

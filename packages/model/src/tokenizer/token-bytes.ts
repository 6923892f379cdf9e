import { bytesOf } from './pipeline/byte-characters.ts'

type Json = Record<string, any>

/** What this needs of a tokenizer. */
interface Decoding {
  encode(text: string, options: { addSpecialTokens: boolean }): number[]
  decode(ids: readonly number[], options: { skipSpecialTokens: boolean }): string
  idToToken(id: number): string | undefined
}

/** The bytes that a token adds to a text; `first`: to one that it begins, where some tokenizers drop a space. */
export type TokenBytes = (id: number, options?: { first?: boolean }) => Uint8Array

/**
 * Exact bytes of tokens, by what tokenizer.json says of decoding. A byte-level vocabulary spells every byte as a character
 * (Radford et al. 2019, GPT-2), and one with byte fallback has a token `<0x0A>` for every byte: such tokens may be parts of a
 * character, which no text can show. Every other token is the text that it adds to one before it.
 */
export function tokenBytes(definition: Json, { encode, decode, idToToken }: Decoding): TokenBytes {
  const decoders = flatten(definition.decoder)
  const utf8 = new TextEncoder()
  if (decoders.includes('ByteLevel')) {
    return (id) => bytesOf(idToToken(id) ?? '')
  }
  const fallback = decoders.includes('ByteFallback')
  const before = encode('a', { addSpecialTokens: false }).slice(-1)
  const textBefore = decode(before, { skipSpecialTokens: false })
  return (id, { first = false } = {}) => {
    const byte = fallback ? /^<0x([0-9A-F]{2})>$/i.exec(idToToken(id) ?? '') : null
    if (byte) return Uint8Array.of(Number.parseInt(byte[1], 16))
    const text = decode(first ? [id] : [...before, id], { skipSpecialTokens: false })
    return utf8.encode(!first && text.startsWith(textBefore) ? text.slice(textBefore.length) : text)
  }
}

/** Whether a text of these tokens is their bytes, one after another, read as UTF-8. */
export const isByteLevel = (definition: Json): boolean => flatten(definition.decoder).includes('ByteLevel')

function flatten(decoder: Json | null | undefined): string[] {
  if (!decoder) return []
  return decoder.type === 'Sequence' ? (decoder.decoders as Json[]).flatMap(flatten) : [decoder.type]
}

/** The words of a byte-level tokenizer, as GPT-2 cuts them: a blank belongs to the word after it. */
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu

export const words = (text: string): string[] => text.match(WORDS) ?? []

/**
 * Every byte has a printable character of its own in `tokenizer.json`: visible Latin-1 characters stand for
 * themselves, the others are counted up from U+0100, so that a blank is Ġ (U+0120).
 */
export const byteCharacters: readonly string[] = (() => {
  const visible = (byte: number): boolean => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff)
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(visible(byte) ? byte : next++))
})()

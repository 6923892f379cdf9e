/** GPT-2's alphabet: each byte is a character that can be seen, itself where it is one, else one from U+0100 on. */
const BYTES = (() => {
  const visible = (byte: number): boolean => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(visible(byte) ? byte : next++))
})()
const CHARACTERS = new Map(BYTES.map((character, byte) => [character, byte]))
const encoder = new TextEncoder()

/** A text's UTF-8 bytes as characters. */
export const byteCharacters = (text: string): string => Array.from(encoder.encode(text), (byte) => BYTES[byte]).join('')

/** The bytes that a token's characters stand for; its own UTF-8 where one of them stands for none. */
export const bytesOf = (token: string): Uint8Array => {
  const bytes = Array.from(token, (character) => CHARACTERS.get(character))
  return bytes.includes(undefined) ? encoder.encode(token) : Uint8Array.from(bytes as number[])
}

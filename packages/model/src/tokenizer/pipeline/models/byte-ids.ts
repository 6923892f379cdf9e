const encoder = new TextEncoder()

/** The ids of a text's bytes; null unless the vocabulary has a token for each. */
export const byteIds = (ids: ReadonlyMap<string, number>): ((text: string) => number[] | null) => {
  const ofBytes = Array.from({ length: 256 }, (_, byte) => ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`))
  return (text) => {
    const found = Array.from(encoder.encode(text), (byte) => ofBytes[byte])
    return found.includes(undefined) ? null : (found as number[])
  }
}

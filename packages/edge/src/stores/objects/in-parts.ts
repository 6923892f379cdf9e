/** R2 and S3 take parts of 5 MiB and more, and ten thousand of them; sizes of all but the last are one. */
const leastPartBytes = 8 * 2 ** 20
const mostParts = 10_000

interface Part {
  /** Good until the next one is asked for: all parts lie in the same memory. */
  bytes: Uint8Array
  isLast: boolean
}

/**
 * Content as the parts in which R2 and S3 take what is large, of which one is held. There is always a last one, be it empty.
 * @param length where it is known how many bytes are to come; others may come all the same
 */
export async function* inParts(content: AsyncIterable<Uint8Array>, length?: number): AsyncGenerator<Part, void> {
  const size = Math.max(leastPartBytes, Math.ceil((length ?? 0) / mostParts))
  // What is announced to be small needs no room for a part.
  const part = new Uint8Array(Math.min(size, Math.max(1, length ?? size)))
  let filled = 0
  for await (const piece of content)
    for (let at = 0; at < piece.byteLength; ) {
      if (filled === part.length) {
        yield { bytes: part, isLast: false }
        filled = 0
      }
      const fits = piece.subarray(at, at + part.length - filled)
      part.set(fits, filled)
      filled += fits.byteLength
      at += fits.byteLength
    }
  yield { bytes: part.subarray(0, filled), isLast: true }
}

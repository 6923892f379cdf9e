/** Longest line of a part's head, in bytes. A name that is too long is refused as such, as far as that. */
const longestLine = 128 * 1024

const crlf = new Uint8Array([13, 10])

/** A stream's bytes, up to what is looked for and no further; what was read beyond it is kept. Holds a piece of the stream and no more. */
export class PiecewiseBytes {
  readonly #read: () => Promise<Uint8Array | undefined>
  readonly #broken: (why: string) => Error
  #held: Uint8Array

  /**
   * @param read the next piece, undefined after the last
   * @param before bytes that stand before the first piece
   * @param broken what is thrown where the stream is not as it has to be
   */
  constructor(read: () => Promise<Uint8Array | undefined>, before: Uint8Array, broken: (why: string) => Error) {
    this.#read = read
    this.#held = before
    this.#broken = broken
  }

  /** In pieces, what stands before the next `pattern`, which begins with a carriage return and is left out. */
  async *until(pattern: Uint8Array): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const at = indexOf(this.#held, pattern)
      // What may be the beginning of the pattern is looked at again with the next piece.
      const end = at >= 0 ? at : Math.max(0, this.#held.length - pattern.length + 1)
      const before = this.#held.subarray(0, end)
      this.#held = this.#held.subarray(end)
      if (before.length > 0) yield before
      if (at >= 0) break
      await this.#more()
    }
    // Last, so that whoever stops at the piece before it leaves it there.
    this.#held = this.#held.subarray(pattern.length)
  }

  /** The bytes before the next line break, which is left out. */
  async line(): Promise<Uint8Array> {
    let line = new Uint8Array()
    for await (const piece of this.until(crlf)) {
      line = joined(line, piece)
      if (line.length > longestLine) throw this.#broken(`a line of a part's head has more than ${longestLine} bytes`)
    }
    return line
  }

  /** Whether these bytes come next; then they are left out. */
  async skip(bytes: Uint8Array): Promise<boolean> {
    while (this.#held.length < bytes.length) await this.#more()
    if (!startsWith(this.#held, bytes, 0)) return false
    this.#held = this.#held.subarray(bytes.length)
    return true
  }

  /** Reads all that is left, and forgets it: who answers while a client still sends may lose it the answer. */
  async end(): Promise<void> {
    this.#held = this.#held.subarray(0, 0)
    while (await this.#read());
  }

  async #more(): Promise<void> {
    const piece = await this.#read()
    if (!piece) throw this.#broken('it ends before its last boundary')
    this.#held = this.#held.length === 0 ? piece : joined(this.#held, piece)
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}

function indexOf(bytes: Uint8Array, pattern: Uint8Array): number {
  for (let at = bytes.indexOf(pattern[0]!); at >= 0; at = bytes.indexOf(pattern[0]!, at + 1)) if (startsWith(bytes, pattern, at)) return at
  return -1
}

const startsWith = (bytes: Uint8Array, start: Uint8Array, at: number): boolean => start.every((byte, n) => bytes[at + n] === byte)

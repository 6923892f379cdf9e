const ascii = (text: string): number[] => [...new TextEncoder().encode(text)]
const uint32 = (value: number): number[] => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff]

/** Writes Python's pickle, protocol 2: as much of it as says what a tensor is. Each method appends one thing. Source: Lib/pickletools.py. */
export class Pickle {
  readonly #bytes: number[] = [0x80, 2]

  #append(opcode: string, ...operand: number[]): this {
    this.#bytes.push(...ascii(opcode), ...operand)
    return this
  }

  /** A class or function by its module and name. */
  global(module: string, name: string): this {
    return this.#append('c', ...ascii(`${module}\n${name}\n`))
  }

  /** Where a tuple begins, which the next `tuple` ends. */
  mark(): this {
    return this.#append('(')
  }

  tuple(): this {
    return this.#append('t')
  }

  text(text: string): this {
    const utf8 = ascii(text)
    return this.#append('X', ...uint32(utf8.length), ...utf8)
  }

  /** A whole number from 0 to 2^31 − 1. */
  whole(value: number): this {
    return this.#append('J', ...uint32(value))
  }

  wholes(values: readonly number[]): this {
    this.mark()
    for (const value of values) this.whole(value)
    return this.tuple()
  }

  /** `False` */
  no(): this {
    this.#bytes.push(0x89)
    return this
  }

  /** Calls a function with a tuple: both stand there, and the answer takes their place. */
  reduce(): this {
    return this.#append('R')
  }

  /** What stands there is the name of an object that is stored elsewhere, which takes its place. */
  persistentId(): this {
    return this.#append('Q')
  }

  end(): Uint8Array {
    return Uint8Array.from([...this.#bytes, ...ascii('.')])
  }
}

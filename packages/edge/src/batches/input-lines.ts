import { batchLineTooLong } from './errors.ts'

/** Where a line begins: lines count from 1, bytes from 0. */
export interface LinePlace {
  line: number
  byte: number
}

export interface InputLine extends LinePlace {
  text: string
  /** Whether the text is what the bytes say: in the place of bytes that are no UTF-8 it has other characters. */
  isExact: boolean
  /** Where the next one begins. */
  next: LinePlace
}

export const firstLine: LinePlace = { line: 1, byte: 0 }

const decoded = (bytes: Uint8Array): Pick<InputLine, 'text' | 'isExact'> => {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes), isExact: true }
  } catch {
    return { text: new TextDecoder().decode(bytes), isExact: false }
  }
}

/** Bytes: what a JSON body may have, and what stands around it. */
const longestLine = 8 * 2 ** 20 + 4096

/**
 * The lines of a stream that begins at `from`, one at a time; blank ones are left out. Never holds more than a line and a chunk of it.
 * Error 400 `line_too_long`, with `details.line`.
 */
export async function* inputLines(chunks: AsyncIterable<Uint8Array>, from: LinePlace = firstLine): AsyncGenerator<InputLine> {
  let { line, byte } = from
  let held: Uint8Array[] = []
  let heldBytes = 0

  const finish = (rest: Uint8Array, newline: 0 | 1): InputLine => {
    const bytes = heldBytes === 0 ? rest : new Uint8Array(heldBytes + rest.length)
    if (heldBytes > 0) {
      let at = 0
      for (const part of [...held, rest]) {
        bytes.set(part, at)
        at += part.length
      }
    }
    const next = { line: line + 1, byte: byte + bytes.length + newline }
    const found = { line, byte, ...decoded(bytes), next }
    ;({ line, byte } = next)
    held = []
    heldBytes = 0
    return found
  }
  const hold = (part: Uint8Array) => {
    if (heldBytes + part.length > longestLine) throw batchLineTooLong(line, longestLine)
    if (part.length === 0) return
    // Copied: a stream may reuse its buffer for the next chunk.
    held.push(part.slice())
    heldBytes += part.length
  }

  for await (const chunk of chunks) {
    let start = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, start)) {
      const found = finish(chunk.subarray(start, at), 1)
      start = at + 1
      if (found.text.trim()) yield found
    }
    hold(chunk.subarray(start))
  }
  if (heldBytes > 0) {
    const found = finish(new Uint8Array(0), 0)
    if (found.text.trim()) yield found
  }
}

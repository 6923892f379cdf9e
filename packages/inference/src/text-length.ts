import { setImmediate } from 'node:timers/promises'
import { textTooLong } from './errors.ts'

/** Tokenizing takes half a second for so many, and nobody else is answered meanwhile. */
const MOST_CHARACTERS = 1_000_000

/** Longest stretch of host arithmetic between two turns of the event loop. */
const SLICE_MS = 4

/** @throws WeftError `text_too_long` */
export function checkTextLength(text: string, param: string): string {
  if (text.length > MOST_CHARACTERS) throw textTooLong(text.length, MOST_CHARACTERS, param)
  return text
}

/** `read` of every text, with turns of the event loop in between. */
export async function readTexts<I, T>(texts: readonly I[], read: (text: I, index: number) => T, signal?: AbortSignal): Promise<T[]> {
  const found: T[] = []
  let since = performance.now()
  for (const [index, text] of texts.entries()) {
    found.push(read(text, index))
    if (performance.now() - since < SLICE_MS) continue
    await setImmediate()
    signal?.throwIfAborted()
    since = performance.now()
  }
  return found
}

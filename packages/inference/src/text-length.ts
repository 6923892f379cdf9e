import { contextExceeded, textTooLong } from './errors.ts'
import { Turns } from './scheduler/turns.ts'

/** Tokenizing takes half a second for so many, one or two where each character is a word, and nobody else is answered meanwhile. */
const MOST_CHARACTERS = 1_000_000

/** @throws WeftError `text_too_long` */
export function checkTextLength(text: string, param: string): string {
  if (text.length > MOST_CHARACTERS) throw textTooLong(text.length, MOST_CHARACTERS, param)
  return text
}

/** Positions that are left for a text behind a composition's. @throws WeftError `context_length_exceeded` where none is */
export function roomBehind(composition: number, maxPositions: number): number {
  if (composition >= maxPositions) throw contextExceeded(composition + 1, maxPositions, { composition })
  return maxPositions - composition
}

/** `read` of every text, with turns of the event loop in between. */
export async function readTexts<I, T>(texts: readonly I[], read: (text: I, index: number) => T, signal?: AbortSignal): Promise<T[]> {
  const found: T[] = []
  const turns = new Turns()
  for (const [index, text] of texts.entries()) {
    found.push(read(text, index))
    if (!turns.due) continue
    await turns.take()
    signal?.throwIfAborted()
  }
  return found
}

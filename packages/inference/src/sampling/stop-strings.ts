/**
 * Watches a text that grows piece by piece for stop strings that may lie across pieces.
 * What could still become a stop string is held back, so that a reader never sees a part of one.
 */
export interface StopWatch {
  /** Adds a piece. `text` is safe to show; once `stopped`, nothing more is. */
  push(piece: string): { text: string; stopped: boolean }
  /** What was held back, when the text ends for another reason. */
  flush(): string
  /** Whether something is held back. */
  readonly holding: boolean
}

export function createStopWatch(stops: readonly string[]): StopWatch {
  const strings = stops.filter((stop) => stop.length > 0)
  let held = ''
  return {
    push(piece) {
      const text = held + piece
      const at = earliest(text, strings)
      if (at >= 0) {
        held = ''
        return { text: text.slice(0, at), stopped: true }
      }
      const keep = longestOpening(text, strings)
      held = text.slice(text.length - keep)
      return { text: text.slice(0, text.length - keep), stopped: false }
    },
    flush() {
      const text = held
      held = ''
      return text
    },
    get holding() {
      return held.length > 0
    },
  }
}

/** Where the stop string begins that is complete first: what a reader of single characters would stop at. */
function earliest(text: string, stops: string[]): number {
  let first = -1
  let end = Infinity
  for (const stop of stops) {
    const at = text.indexOf(stop)
    if (at < 0 || at + stop.length > end || (at + stop.length === end && at > first)) continue
    first = at
    end = at + stop.length
  }
  return first
}

/** Length of the longest end of `text` that begins some stop string. */
function longestOpening(text: string, stops: string[]): number {
  let longest = 0
  for (const stop of stops) {
    for (let n = Math.min(stop.length - 1, text.length); n > longest; n--) {
      if (text.endsWith(stop.slice(0, n))) longest = n
    }
  }
  return longest
}

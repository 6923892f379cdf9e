import { grammarTooComplex } from '../../errors.ts'
import { derivative } from './derivative.ts'
import type { ShortestText } from './shortest-text.ts'
import type { Term, Terms } from './terms.ts'
import { widened } from './widened.ts'

/** The state from which no text can be completed. */
export const DEAD = 0
const UNKNOWN = -1

/** Terms of one automaton: some 100 MB. */
const MOST_TERMS = 400_000
/** Transitions that one mask may have to find out: a grammar that needs more of them would hold the other rows up. */
const MOST_STEPS = 20_000
/** The work that these may be, as `Terms` counts it: a transition of many alternatives is worth thousands of others. */
const MOST_WORK = 500_000

/**
 * A deterministic automaton over bytes, made as it is walked: a state is what may still follow, which for a grammar with recursion has no
 * bound, so that there may be infinitely many. Bytes that no part of the grammar tells apart share a column of the table.
 */
export class Automaton {
  readonly start: number
  /** Column of each byte. */
  readonly columns: Uint8Array
  /** Bytes of the shortest text that completes a state; 0 where it is complete as it is. */
  readonly shortest: number[] = []
  /** What compiling it took, as `Terms` counts work. */
  readonly work: number
  readonly #terms: Terms
  readonly #length: ShortestText
  readonly #states: Term[] = []
  readonly #numbers = new Map<number, number>()
  readonly #width: number
  readonly #bytes: number[]
  #table = new Int32Array(0)
  #steps = 0

  constructor(terms: Terms, start: Term, shortest: ShortestText) {
    this.#terms = terms
    this.#length = shortest
    const bounds = [...boundaries([start, ...terms.rules.map(({ body }) => body!)])].sort((a, b) => a - b)
    this.columns = new Uint8Array(256)
    for (let byte = 0, column = -1; byte < 256; byte++) {
      if (bounds[column + 1] === byte) column++
      this.columns[byte] = column
    }
    this.#width = bounds.length
    this.#bytes = bounds
    this.#number(terms.nothing)
    this.start = this.#number(start)
    terms.most = MOST_TERMS
    // Compiled: from here on work is counted by the mask.
    this.work = terms.work
    terms.tooMuchWork = grammarTooComplex
    this.allowSteps()
  }

  /** Terms so far: what it has of memory. */
  get size(): number {
    return this.#terms.size
  }

  /** The state after a byte. @throws WeftError `grammar_too_complex` */
  next(state: number, byte: number): number {
    const at = state * this.#width + this.columns[byte]
    const known = this.#table[at]
    return known === UNKNOWN ? this.#step(state, this.columns[byte]) : known
  }

  /** Whether the text is complete in this state. */
  isComplete(state: number): boolean {
    return this.shortest[state] === 0
  }

  /** Whether it is complete and nothing can follow. */
  isFinal(state: number): boolean {
    return this.#states[state] === this.#terms.empty
  }

  /** A state in which texts of at most `bytes` bytes may follow exactly where they may in this one; the same for many. */
  widened(state: number, bytes: number): number {
    this.allowSteps()
    return this.#number(widened(this.#terms, this.#states[state], bytes))
  }

  /** Begins a new count of the transitions that may have to be found out, and of what work they are. */
  allowSteps(): void {
    this.#steps = 0
    this.#terms.mostWork = this.#terms.work + MOST_WORK
  }

  #step(state: number, column: number): number {
    if (++this.#steps > MOST_STEPS) throw grammarTooComplex()
    const next = this.#number(this.#after(state, column))
    this.#table[state * this.#width + column] = next
    return next
  }

  #after(state: number, column: number): Term {
    try {
      return derivative(this.#terms, this.#length, this.#states[state], this.#bytes[column])
    } catch (error) {
      // Terms are walked by recursion: one that is deeper than the stack.
      throw error instanceof RangeError ? grammarTooComplex() : error
    }
  }

  #number(term: Term): number {
    const known = this.#numbers.get(term.id)
    if (known !== undefined) return known
    const shortest = this.#length(term)
    if (shortest === Number.POSITIVE_INFINITY && this.#states.length > 0) return DEAD
    const number = this.#states.push(term) - 1
    this.#numbers.set(term.id, number)
    this.shortest.push(shortest)
    if (this.#states.length * this.#width > this.#table.length) {
      const larger = new Int32Array(Math.max(64, this.#states.length * 2) * this.#width).fill(UNKNOWN)
      larger.set(this.#table)
      this.#table = larger
    }
    if (number === DEAD) this.#table.fill(DEAD, 0, this.#width)
    return number
  }
}

/** First bytes of the stretches that the grammar tells apart. */
function boundaries(roots: readonly Term[]): Set<number> {
  const found = new Set([0])
  const seen = new Set<number>()
  const open = [...roots]
  for (let term = open.pop(); term; term = open.pop()) {
    if (seen.has(term.id)) continue
    seen.add(term.id)
    if (term.kind === 'bytes')
      for (const [low, high] of term.ranges) {
        found.add(low)
        if (high < 255) found.add(high + 1)
      }
    else if (term.kind === 'sequence') open.push(term.first, term.rest)
    else if (term.kind === 'choice') open.push(...term.options)
    else if (term.kind === 'repeat') open.push(term.of)
  }
  return found
}

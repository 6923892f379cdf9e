import { grammarTooComplex } from '../../errors.ts'
import { derivative } from './derivative.ts'
import { remade } from './remade.ts'
import type { ShortestText } from './shortest-text.ts'
import type { Term, Terms } from './terms.ts'
import { widened } from './widened.ts'

/** The state from which no text can be completed. */
export const DEAD = 0
const UNKNOWN = -1

/** Bytes of what was found out since it was compiled, past which an automaton forgets it. */
const MOST_BYTES = 32 * 2 ** 20
/** Terms of one automaton: what a single token may ask for is bounded as well. */
const MOST_TERMS = 400_000
/** About what a state takes beside its row of the table. */
const STATE_BYTES = 96
/** Transitions that one mask may have to find out: a grammar that needs more of them would hold the other rows up. */
const MOST_STEPS = 20_000
/** The work that these may be, as `Terms` counts it: a transition of many alternatives is worth thousands of others. */
const MOST_WORK = 500_000
/** How many times as many these may be for the first mask after what was found out was forgotten: the masks before it had found out a part. */
const ANEW = 2

/**
 * A deterministic automaton over bytes, made as it is walked: a state is what may still follow, which for a grammar with recursion has no
 * bound, so that there may be infinitely many. Bytes that no part of the grammar tells apart share a column of the table.
 *
 * Once that has become too much, all of it is forgotten, and found out anew where it is asked for (Cox, "Regular expression matching in the wild":
 * RE2's cache of states). Numbers of states are given anew then: what shall outlast it is a state's term.
 */
export class Automaton {
  readonly start: number
  /** Column of each byte. */
  readonly columns: Uint8Array
  /** Bytes of the shortest text that completes a state; 0 where it is complete as it is. */
  readonly shortest: number[] = []
  /** What compiling it took, as `Terms` counts work. */
  readonly work: number
  /** How often it forgot. */
  era = 0
  readonly #terms: Terms
  /** Terms of the grammar as it was compiled, and what it took then. */
  readonly #compiled: { size: number; bytes: number }
  readonly #start: Term
  readonly #letGo: () => void
  readonly #mostBytes: number
  readonly #length: ShortestText
  readonly #states: Term[] = []
  readonly #numbers = new Map<number, number>()
  readonly #width: number
  readonly #bytes: number[]
  #table = new Int32Array(0)
  #steps = 0
  #isAnew = false

  /** @param mostBytes of what is found out since it was compiled: past them it is forgotten */
  constructor(terms: Terms, start: Term, shortest: ShortestText, mostBytes = MOST_BYTES) {
    this.#terms = terms
    this.#start = start
    this.#length = shortest
    this.#mostBytes = mostBytes
    const bounds = [...boundaries([start, ...terms.rules.map(({ body }) => body!)])].sort((a, b) => a - b)
    this.columns = new Uint8Array(256)
    for (let byte = 0, column = -1; byte < 256; byte++) {
      if (bounds[column + 1] === byte) column++
      this.columns[byte] = column
    }
    this.#width = bounds.length
    this.#bytes = bounds
    this.start = this.#begin()
    terms.most = MOST_TERMS
    // Compiled: from here on work is counted by the mask.
    this.work = terms.work
    this.#letGo = terms.mark()
    this.#compiled = { size: terms.size, bytes: this.bytes }
    terms.tooMuchWork = grammarTooComplex
    this.allowSteps()
  }

  /** Terms so far. */
  get size(): number {
    return this.#terms.size
  }

  /** About what it has of memory. */
  get bytes(): number {
    return this.#terms.memory + this.#table.byteLength + this.#states.length * STATE_BYTES
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

  /** What a state is, for `stateOf` once its number no longer holds. */
  termOf(state: number): Term {
    return this.#states[state]
  }

  /** The state of what was one, by `termOf`. What was forgotten since is made anew. @throws WeftError `grammar_too_complex` */
  stateOf(term: Term): number {
    const known = this.#numbers.get(term.id)
    this.#isAnew = known === undefined || this.#states[known] !== term
    if (known !== undefined && !this.#isAnew) return known
    this.allowSteps()
    return this.#number(this.#within(() => remade(this.#terms, this.#length, term, this.#compiled.size)))
  }

  /** Whether it is complete and nothing can follow. */
  isFinal(state: number): boolean {
    return this.#states[state] === this.#terms.empty
  }

  /** Forgets what was found out since it was compiled, where that has become too much. */
  trim(): void {
    if (this.bytes - this.#compiled.bytes <= this.#mostBytes) return
    this.era++
    this.#letGo()
    this.#length.forgetFrom(this.#compiled.size)
    this.#states.length = 0
    this.#numbers.clear()
    this.shortest.length = 0
    this.#table = new Int32Array(0)
    this.#begin()
  }

  /** A state in which texts of at most `bytes` bytes may follow exactly where they may in this one; the same for many. */
  widened(state: number, bytes: number): number {
    this.allowSteps()
    return this.#number(widened(this.#terms, this.#states[state], bytes))
  }

  /** Begins a new count of the transitions that may have to be found out, and of what work they are. */
  allowSteps(): void {
    this.#steps = 0
    this.#terms.mostWork = this.#terms.work + MOST_WORK * (this.#isAnew ? ANEW : 1)
  }

  #step(state: number, column: number): number {
    if (++this.#steps > MOST_STEPS * (this.#isAnew ? ANEW : 1)) throw grammarTooComplex()
    const next = this.#number(this.#within(() => derivative(this.#terms, this.#length, this.#states[state], this.#bytes[column])))
    this.#table[state * this.#width + column] = next
    return next
  }

  /** The first two states: the dead one, and the start. */
  #begin(): number {
    this.#number(this.#terms.nothing)
    return this.#number(this.#start)
  }

  #within(make: () => Term): Term {
    try {
      return make()
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

import type { Tokenizer } from '@weft/model'
import { grammarDeadEnd } from '../errors.ts'
import { argMax } from '../sampling/sampler.ts'
import { DEAD } from './automaton/automaton.ts'
import type { Term } from './automaton/terms.ts'
import type { TokenMask, TokenMasks } from './token-mask.ts'

/** Below every logit that a model says, and still a number: an allowed token that the model excludes can be chosen where nothing else can. */
const LOWEST = -1e30

/** What keeps one answer to a grammar, token by token. */
export class Constraint {
  readonly #first: TokenMasks
  readonly #later: TokenMasks
  readonly #tokenizer: Tokenizer
  /** What may still follow. */
  #term: Term
  #begun = false
  /** Whether a token that was as likely as any other was left out only because too few remain to complete what it begins: the answer would have gone on. */
  hurried = false

  constructor(first: TokenMasks, later: TokenMasks, tokenizer: Tokenizer) {
    this.#first = first
    this.#later = later
    this.#tokenizer = tokenizer
    first.automaton.trim()
    this.#term = first.automaton.termOf(first.automaton.start)
  }

  /** The answer goes on with a text: its first token is written as every later one. */
  goOn(): void {
    this.#begun = true
  }

  /** Whether the answer is complete and nothing can follow. */
  get isFinal(): boolean {
    return this.#term.kind === 'empty'
  }

  /**
   * A copy of `logits` `[V]` in which only tokens that may follow can be chosen; the end, where the answer is complete.
   * @param tokens that may still be chosen, this one included. Near the end of them only what can be completed within them is begun: a byte
   * takes a token at most. Where even that does not suffice, the answer breaks off.
   * @throws WeftError `grammar_dead_end` where the vocabulary cannot write what must follow, `grammar_too_complex`
   */
  restrict(logits: Float32Array, tokens: number): Float32Array {
    const { automaton } = this.#masks
    const state = this.#state()
    const ends = automaton.isComplete(state) ? this.#tokenizer.eosTokenIds.filter((id) => id < logits.length) : []
    const restricted = new Float32Array(logits.length).fill(Number.NEGATIVE_INFINITY)
    const mask = this.#masks.of(state)
    const within = this.#within(mask, state, tokens)
    if (within.count + ends.length === 0) throw grammarDeadEnd()
    keep(within, logits, restricted)
    for (const id of ends) restricted[id] = Math.max(logits[id], LOWEST)
    // Of what has no place any more, most was not about to be said: a call of a function near the end of a text, or another item of a list.
    if (within.count < mask.count) this.hurried ||= mostBesides(mask, within, logits) >= restricted[argMax(restricted)]
    return restricted
  }

  /** The answer goes on with this token. */
  advance(token: number): void {
    const { automaton } = this.#masks
    let state = this.#state()
    automaton.allowSteps()
    for (const byte of this.#tokenizer.bytes(token, { first: !this.#begun })) state = automaton.next(state, byte)
    this.#term = automaton.termOf(state)
    this.#begun = true
    automaton.trim()
    if (state === DEAD) throw new Error('a token was chosen that its mask leaves out')
  }

  get #masks(): TokenMasks {
    return this.#begun ? this.#later : this.#first
  }

  /** Where it is. Another answer of the same grammar may have had the automaton forget what the number of it was. */
  #state(): number {
    const { automaton } = this.#later
    const state = automaton.stateOf(this.#term)
    this.#term = automaton.termOf(state)
    return state
  }

  /** Of the mask of a state, what can be completed within so many tokens; all of it where nothing can. */
  #within(mask: TokenMask, state: number, tokens: number): TokenMask {
    const masks = this.#masks
    if (mask.mostLeft < tokens) return mask
    const complete = masks.automaton.isComplete(state)
    if (!complete && masks.automaton.shortest[state] > tokens) return mask
    const hurried = masks.within(state, tokens - 1)
    return hurried.count === 0 && !complete ? mask : hurried
  }
}

/** Copies the logits of a mask's tokens. */
function keep({ words }: TokenMask, logits: Float32Array, into: Float32Array): void {
  for (let at = 0; at < words.length; at++)
    eachOf(words[at], at, (token) => {
      into[token] = Math.max(logits[token], LOWEST)
    })
}

/** The highest logit of a mask's tokens that are not among those of another. */
function mostBesides({ words }: TokenMask, { words: others }: TokenMask, logits: Float32Array): number {
  let most = LOWEST
  for (let at = 0; at < words.length; at++)
    eachOf(words[at] & ~others[at], at, (token) => {
      most = Math.max(most, logits[token])
    })
  return most
}

/** The tokens whose bits are set in word `at` of a mask. */
function eachOf(bits: number, at: number, take: (token: number) => void): void {
  for (let word = bits; word !== 0; word &= word - 1) take((at << 5) + (31 - Math.clz32(word & -word)))
}

import type { Tokenizer } from '@weft/model'
import { grammarDeadEnd } from '../errors.ts'
import { DEAD } from './automaton/automaton.ts'
import type { TokenMask, TokenMasks } from './token-mask.ts'

/** Below every logit that a model says, and still a number: an allowed token that the model excludes can be chosen where nothing else can. */
const LOWEST = -1e30

/** What keeps one answer to a grammar, token by token. */
export class Constraint {
  readonly #first: TokenMasks
  readonly #later: TokenMasks
  readonly #tokenizer: Tokenizer
  #state: number
  #begun = false
  /** Whether tokens were left out only because too few remain to complete what they begin. */
  hurried = false

  constructor(first: TokenMasks, later: TokenMasks, tokenizer: Tokenizer) {
    this.#first = first
    this.#later = later
    this.#tokenizer = tokenizer
    this.#state = first.automaton.start
  }

  /** Whether the answer is complete and nothing can follow. */
  get isFinal(): boolean {
    return this.#later.automaton.isFinal(this.#state)
  }

  /**
   * A copy of `logits` `[V]` in which only tokens that may follow can be chosen; the end, where the answer is complete.
   * @param tokens that may still be chosen, this one included. Near the end of them only what can be completed within them is begun: a byte
   * takes a token at most. Where even that does not suffice, the answer breaks off.
   * @throws WeftError `grammar_dead_end` where the vocabulary cannot write what must follow, `grammar_too_complex`
   */
  restrict(logits: Float32Array, tokens: number): Float32Array {
    const { automaton } = this.#masks
    const ends = automaton.isComplete(this.#state) ? this.#tokenizer.eosTokenIds.filter((id) => id < logits.length) : []
    const restricted = new Float32Array(logits.length).fill(Number.NEGATIVE_INFINITY)
    const mask = this.#mask(tokens)
    if (mask.count + ends.length === 0) throw grammarDeadEnd()
    keep(mask, logits, restricted)
    for (const id of ends) restricted[id] = Math.max(logits[id], LOWEST)
    return restricted
  }

  /** The answer goes on with this token. */
  advance(token: number): void {
    const { automaton } = this.#masks
    automaton.allowSteps()
    for (const byte of this.#tokenizer.bytes(token, { first: !this.#begun })) this.#state = automaton.next(this.#state, byte)
    this.#begun = true
    if (this.#state === DEAD) throw new Error('a token was chosen that its mask leaves out')
  }

  get #masks(): TokenMasks {
    return this.#begun ? this.#later : this.#first
  }

  #mask(tokens: number): TokenMask {
    const masks = this.#masks
    const mask = masks.of(this.#state)
    if (mask.mostLeft < tokens) return mask
    const complete = masks.automaton.isComplete(this.#state)
    if (!complete && masks.automaton.shortest[this.#state] > tokens) return mask
    const hurried = masks.within(this.#state, tokens - 1)
    if (hurried.count === 0 && !complete) return mask
    if (hurried.count < mask.count) this.hurried = true
    return hurried
  }
}

/** Copies the logits of a mask's tokens. */
function keep({ words }: TokenMask, logits: Float32Array, into: Float32Array): void {
  for (let at = 0; at < words.length; at++) {
    for (let word = words[at]; word !== 0; word &= word - 1) {
      const token = (at << 5) + (31 - Math.clz32(word & -word))
      into[token] = Math.max(logits[token], LOWEST)
    }
  }
}

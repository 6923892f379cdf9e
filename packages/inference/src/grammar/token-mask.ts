import { type Automaton, DEAD } from './automaton.ts'
import type { TokenTrie } from './token-trie.ts'

/** Which tokens may follow in a state. */
export interface TokenMask {
  /** A bit a token, 32 to a word. */
  words: Uint32Array
  count: number
  /** The longest of what the allowed tokens leave to be completed, in bytes. */
  mostLeft: number
}

/** Bytes of masks that one grammar keeps. */
const KEPT_BYTES = 32 * 2 ** 20

/** The masks of one automaton over one trie, kept by state. */
export class TokenMasks {
  readonly automaton: Automaton
  readonly trie: TokenTrie
  readonly #kept = new Map<number, TokenMask>()
  readonly #states: Int32Array

  constructor(automaton: Automaton, trie: TokenTrie) {
    this.automaton = automaton
    this.trie = trie
    this.#states = new Int32Array(trie.deepest + 1)
  }

  /** @throws WeftError `grammar_too_complex` */
  of(state: number): TokenMask {
    const kept = this.#kept.get(state)
    if (kept) return kept
    const mask = this.#walk(state, Number.POSITIVE_INFINITY)
    if (this.#kept.size * mask.words.byteLength > KEPT_BYTES) this.#kept.clear()
    this.#kept.set(state, mask)
    return mask
  }

  /** Only tokens after which `bytes` more complete the text. */
  within(state: number, bytes: number): TokenMask {
    return this.#walk(state, bytes)
  }

  #walk(state: number, mostLeft: number): TokenMask {
    const { automaton } = this
    const { bytes, depths, tokens, skip, vocabSize } = this.trie
    const states = this.#states
    const mask = { words: new Uint32Array(Math.ceil(vocabSize / 32)), count: 0, mostLeft: 0 }
    automaton.allowSteps()
    states[0] = state
    for (let node = 0; node < bytes.length; ) {
      const depth = depths[node]
      const next = automaton.next(states[depth - 1], bytes[node])
      if (next === DEAD) {
        node = skip[node]
        continue
      }
      states[depth] = next
      const token = tokens[node++]
      if (token < 0) continue
      const left = automaton.shortest[next]
      if (left > mostLeft) continue
      mask.words[token >>> 5] |= 1 << (token & 31)
      mask.count++
      if (left > mask.mostLeft) mask.mostLeft = left
    }
    return mask
  }
}

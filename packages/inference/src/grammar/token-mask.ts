import { type Automaton, DEAD } from './automaton/automaton.ts'
import { SHORT, type TokenTrie, type Trie } from './token-trie.ts'

/** Which tokens may follow in a state. */
export interface TokenMask {
  /** A bit a token, 32 to a word. */
  words: Uint32Array
  count: number
  /** What the allowed tokens leave to be completed, in bytes: no more than this. */
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
  /** Of the automaton, when the masks were made. */
  #era = 0

  constructor(automaton: Automaton, trie: TokenTrie) {
    this.automaton = automaton
    this.trie = trie
    this.#states = new Int32Array(trie.deepest + 1)
  }

  /** Of the masks that are kept. */
  get bytes(): number {
    return this.#kept.size * 4 * this.trie.short.length
  }

  /** @throws WeftError `grammar_too_complex` */
  of(state: number): TokenMask {
    if (this.#era !== this.automaton.era) this.#kept.clear()
    this.#era = this.automaton.era
    const kept = this.#kept.get(state)
    if (kept) return kept
    const wide = this.automaton.widened(state, SHORT)
    const mask = wide === state ? this.#walk(this.trie, state) : this.#joined(state, wide)
    if (this.#kept.size * mask.words.byteLength > KEPT_BYTES) this.#kept.clear()
    this.#kept.set(state, mask)
    return mask
  }

  /** Only tokens after which `bytes` more complete the text. */
  within(state: number, bytes: number): TokenMask {
    return this.#walk(this.trie, state, bytes)
  }

  /** Short tokens as in the wider state, which many states share; long ones by themselves. */
  #joined(state: number, wide: number): TokenMask {
    const { shortest } = this.automaton
    const ofWide = this.of(wide)
    const mask = this.#walk(this.trie.long, state)
    mask.count = 0
    for (let at = 0; at < mask.words.length; at++) {
      mask.words[at] |= ofWide.words[at] & this.trie.short[at]
      mask.count += bitsOf(mask.words[at])
    }
    mask.mostLeft = Math.max(mask.mostLeft, ofWide.mostLeft + shortest[state] - shortest[wide])
    return mask
  }

  #walk({ bytes, depths, tokens, skip }: Trie, state: number, mostLeft = Number.POSITIVE_INFINITY): TokenMask {
    const { automaton } = this
    const states = this.#states
    const mask = { words: new Uint32Array(this.trie.short.length), count: 0, mostLeft: 0 }
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

/** Bits that are set in a word (Warren, "Hacker's Delight", 5-1). */
function bitsOf(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555)
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}

import type { Tokenizer } from '@weft/model'
import { Turns } from '../scheduler/turns.ts'

/** Most bytes of a token that counts as short: nearly all are. */
export const SHORT = 16

/**
 * The bytes of tokens that show something, as a tree in preorder: a node is a byte after those above it, and `skip` leads past all that
 * begins so. Tokens of equal bytes are nodes of their own, side by side.
 */
export interface Trie {
  bytes: Uint8Array
  /** Bytes from the root, from 1. */
  depths: Uint16Array
  /** The token that ends at a node, or −1. */
  tokens: Int32Array
  skip: Int32Array
  deepest: number
}

/** All tokens, and those of more than `SHORT` bytes again. */
export interface TokenTrie extends Trie {
  long: Trie
  /** The others: a bit a token, 32 to a word. */
  short: Uint32Array
}

/** Both tries of a tokenizer: some drop a space at the beginning of a text, so its first token has other bytes. */
export interface TokenTries {
  first: TokenTrie
  later: TokenTrie
}

const known = new WeakMap<Tokenizer, Map<string, Promise<TokenTries>>>()

const none: ReadonlySet<number> = new Set()

/** Built once a tokenizer, in slices: others are answered meanwhile. @param shown special tokens that count as the text that they are written as */
export function tokenTries(tokenizer: Tokenizer, vocabSize: number, shown = none): Promise<TokenTries> {
  const bySize = known.get(tokenizer) ?? new Map<string, Promise<TokenTries>>()
  known.set(tokenizer, bySize)
  const key = [vocabSize, ...shown].join(' ')
  let tries = bySize.get(key)
  if (!tries) bySize.set(key, (tries = build(tokenizer, vocabSize, shown)))
  return tries
}

async function build(tokenizer: Tokenizer, vocabSize: number, shown: ReadonlySet<number>): Promise<TokenTries> {
  const later = await trieOf(tokenizer, vocabSize, shown, false)
  return { first: tokenizer.byteLevel ? later : await trieOf(tokenizer, vocabSize, shown, true), later }
}

interface Spelled {
  id: number
  bytes: Uint8Array
}

async function trieOf(tokenizer: Tokenizer, vocabSize: number, shown: ReadonlySet<number>, first: boolean): Promise<TokenTrie> {
  const turns = new Turns()
  // Sorted in parts: what begins with the same two bytes.
  const parts = new Map<number, Spelled[]>()
  let [total, totalLong] = [0, 0]
  const short = new Uint32Array(Math.ceil(vocabSize / 32))
  for (let id = 0; id < vocabSize; id++) {
    if (id % 64 === 0 && turns.due) await turns.take()
    if ((tokenizer.specialTokenIds.has(id) && !shown.has(id)) || tokenizer.eosTokenIds.includes(id) || tokenizer.idToToken(id) === undefined) continue
    const bytes = tokenizer.bytes(id, { first })
    if (bytes.length === 0) continue
    total += bytes.length
    if (bytes.length > SHORT) totalLong += bytes.length
    else short[id >>> 5] |= 1 << (id & 31)
    const key = bytes[0] * 257 + (bytes.length > 1 ? bytes[1] + 1 : 0)
    const part = parts.get(key)
    if (part) part.push({ id, bytes })
    else parts.set(key, [{ id, bytes }])
  }
  const trie = new TrieWriter(total)
  const long = new TrieWriter(totalLong)
  for (const key of [...parts.keys()].sort((a, b) => a - b)) {
    if (turns.due) await turns.take()
    for (const spelled of parts.get(key)!.sort((a, b) => compare(a.bytes, b.bytes))) {
      trie.add(spelled)
      if (spelled.bytes.length > SHORT) long.add(spelled)
    }
  }
  return { ...trie.end(), long: long.end(), short }
}

/** Writes nodes in preorder, given tokens in the order of their bytes. */
class TrieWriter {
  readonly #bytes: Uint8Array
  readonly #depths: Uint16Array
  readonly #tokens: Int32Array
  readonly #skip: Int32Array
  /** The nodes from the root to the token before. */
  #open: number[] = []
  #before = new Uint8Array(0)
  #count = 0
  #deepest = 0

  constructor(most: number) {
    this.#bytes = new Uint8Array(most)
    this.#depths = new Uint16Array(most)
    this.#tokens = new Int32Array(most).fill(-1)
    this.#skip = new Int32Array(most)
  }

  add({ id, bytes }: Spelled): void {
    let shared = 0
    while (shared < bytes.length && shared < this.#before.length && bytes[shared] === this.#before[shared]) shared++
    // A token of the same bytes as the one before has a node of its own.
    if (shared === bytes.length) shared--
    this.#close(shared)
    for (let at = shared; at < bytes.length; at++) {
      this.#bytes[this.#count] = bytes[at]
      this.#depths[this.#count] = at + 1
      this.#open.push(this.#count++)
    }
    this.#tokens[this.#count - 1] = id
    this.#before = new Uint8Array(bytes)
    this.#deepest = Math.max(this.#deepest, bytes.length)
  }

  end(): Trie {
    this.#close(0)
    const length = this.#count
    return {
      bytes: this.#bytes.slice(0, length),
      depths: this.#depths.slice(0, length),
      tokens: this.#tokens.slice(0, length),
      skip: this.#skip.slice(0, length),
      deepest: this.#deepest,
    }
  }

  #close(depth: number): void {
    for (const node of this.#open.splice(depth)) this.#skip[node] = this.#count
  }
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i]
  return a.length - b.length
}

import type { FixedPrefix, KeyValues } from '../sequence.ts'
import { bytesOf, PrefixNode } from './prefix-node.ts'
import type { PrefixOwner } from './prefix-owner.ts'

/** Tokens of a block: what is shared is shared in whole blocks. */
export const BLOCK = 16

export interface PrefixCacheCounts {
  /** Prompt tokens looked up, and those of them that were found. */
  queriedTokens: number
  hitTokens: number
  /** Compositions looked up, and found. */
  queriedCompositions: number
  hitCompositions: number
  /** Blocks and compositions that gave way. */
  evictions: number
  bytes: number
  maxBytes: number
}

/**
 * Keys and values that requests have in common: compositions, and behind each the prompts and answers of its requests, in a radix tree
 * whose edges are blocks of tokens (Zheng et al. 2023, RadixAttention). For a causal model nothing in them depends on what follows. A request
 * starts from copies, so nothing here is ever in use. The least recently used give way, a block before those that lead to it.
 * Shared by all engines of a process.
 */
export class PrefixCache {
  readonly #maxBytes: number
  readonly #prompts: boolean
  readonly #roots = new Map<string, PrefixNode>()
  /** Least recently used first, and no node after one below it: the first that is not pinned is a leaf. */
  readonly #used = new Set<PrefixNode>()
  readonly #counts = { queriedTokens: 0, hitTokens: 0, queriedCompositions: 0, hitCompositions: 0, evictions: 0, bytes: 0 }

  /**
   * @param maxBytes of all that is kept. What is larger alone is used and not kept
   * @param prompts false keeps compositions alone: for whoever measures how long prompts take
   */
  constructor(maxBytes: number, { prompts = true }: { prompts?: boolean } = {}) {
    this.#maxBytes = maxBytes
    this.#prompts = prompts
  }

  get counts(): PrefixCacheCounts {
    return { ...this.#counts, maxBytes: this.#maxBytes }
  }

  /** How many compositions are kept. */
  get compositions(): number {
    return [...this.#roots.values()].filter(({ fixed }) => fixed).length
  }

  composition(owner: PrefixOwner): FixedPrefix | undefined {
    const root = this.#roots.get(keyOf(owner))
    this.#counts.queriedCompositions++
    if (!root?.fixed) return undefined
    this.#counts.hitCompositions++
    this.#touch(root)
    return root.fixed
  }

  keepComposition(owner: PrefixOwner, fixed: FixedPrefix): void {
    // All others would give way to it first, and then it itself.
    if (bytesOf(fixed) > this.#maxBytes) return
    const root = this.#root(owner)
    this.#counts.bytes -= root.bytes
    root.fixed = fixed
    this.#counts.bytes += root.bytes
    this.#touch(root)
    this.#evict()
  }

  /** A pinned composition does not give way until it is pinned no more; its blocks may. */
  pin(owner: PrefixOwner, pinned: boolean): void {
    if (!pinned && !this.#roots.has(keyOf(owner))) return
    this.#root(owner).pinned = pinned
    this.#evict()
  }

  /** Blocks of the longest beginning of `tokens` that is kept, in whole blocks; at most `most` tokens. */
  match(owner: PrefixOwner, tokens: readonly number[], most = tokens.length): KeyValues[] {
    if (!this.#prompts) return []
    this.#counts.queriedTokens += tokens.length
    const whole = Math.floor(most / BLOCK)
    const found: PrefixNode[] = []
    let node = this.#roots.get(keyOf(owner))
    while (node && found.length < whole) {
      node = node.children.get(edgeOf(tokens, found.length))
      if (node) found.push(node)
    }
    this.#counts.hitTokens += found.length * BLOCK
    if (found.length > 0) this.#touch(found.at(-1)!)
    return found.map(({ block }) => block!)
  }

  /** Keeps what of `tokens` fills whole blocks. @param read a copy of block i, asked of those alone that are not kept yet */
  keep(owner: PrefixOwner, tokens: readonly number[], read: (block: number) => KeyValues): void {
    const whole = Math.floor(tokens.length / BLOCK)
    if (whole === 0 || !this.#prompts) return
    let node = this.#root(owner)
    for (let i = 0; i < whole; i++) {
      const edge = edgeOf(tokens, i)
      const next = node.children.get(edge) ?? this.#grow(node, edge, read(i))
      if (!next) break
      node = next
    }
    this.#touch(node)
  }

  /** Forgets everything that is not pinned. */
  clear(): void {
    for (const node of this.#used) if (!node.pinned && node.children.size === 0) this.#drop(node)
  }

  #root(owner: PrefixOwner): PrefixNode {
    const key = keyOf(owner)
    let root = this.#roots.get(key)
    if (!root) {
      root = new PrefixNode(key)
      this.#roots.set(key, root)
      this.#used.add(root)
    }
    return root
  }

  #grow(parent: PrefixNode, edge: string, block: KeyValues): PrefixNode | undefined {
    if (block.byteLength > this.#maxBytes) return undefined
    const node = new PrefixNode(edge, parent, block)
    parent.children.set(edge, node)
    this.#used.add(node)
    this.#counts.bytes += node.bytes
    this.#evict()
    return this.#used.has(node) ? node : undefined
  }

  /** The node and all that lead to it were used now. */
  #touch(node: PrefixNode): void {
    for (let each: PrefixNode | undefined = node; each; each = each.parent) {
      this.#used.delete(each)
      this.#used.add(each)
    }
  }

  #evict(): void {
    if (this.#counts.bytes <= this.#maxBytes) return
    for (const node of this.#used) {
      if (this.#counts.bytes <= this.#maxBytes) break
      if (node.pinned || node.children.size > 0) continue
      this.#drop(node)
      if (node.bytes > 0) this.#counts.evictions++
    }
  }

  #drop(node: PrefixNode): void {
    this.#used.delete(node)
    this.#counts.bytes -= node.bytes
    if (node.parent) node.parent.children.delete(node.edge)
    else this.#roots.delete(node.edge)
  }
}

export const createPrefixCache = (...options: ConstructorParameters<typeof PrefixCache>): PrefixCache => new PrefixCache(...options)

const keyOf = ({ model, composition, tenant, behind }: PrefixOwner): string => JSON.stringify([model, composition, tenant ?? null, ...(behind ? [behind] : [])])

/** The tokens of block i. */
const edgeOf = (tokens: readonly number[], i: number): string => tokens.slice(i * BLOCK, (i + 1) * BLOCK).join()

import type { FixedPrefix, KeyValues } from '../sequence.ts'

/** A node of the tree: a composition at a root, one block of tokens below. */
export class PrefixNode {
  readonly parent: PrefixNode | undefined
  /** What leads to it: the root's key, or the block's tokens. */
  readonly edge: string
  readonly children = new Map<string, PrefixNode>()
  /** Of a root: what its composition computes alike for every request, where it takes positions. */
  fixed: FixedPrefix | undefined
  /** Of a block. */
  readonly block: KeyValues | undefined
  /** Pinned ones do not give way. */
  pinned = false

  constructor(edge: string, parent?: PrefixNode, block?: KeyValues) {
    this.edge = edge
    this.parent = parent
    this.block = block
  }

  get bytes(): number {
    return (this.block?.byteLength ?? 0) + (this.fixed ? bytesOf(this.fixed) : 0)
  }
}

export const bytesOf = ({ keyValue, bias, logits }: FixedPrefix): number => keyValue.byteLength + (bias?.byteLength ?? 0) + (logits?.byteLength ?? 0)

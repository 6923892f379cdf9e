import type { GraphBuilder, Value } from '@weft/graph'
import { branchMask, gatedAttention } from '../gated-key-value/attention.ts'
import type { SiteInjection } from '../weave.ts'
import { halves, type InjectedGroup, ofLayer, repeat, size, stack } from './groups.ts'

type Gated = NonNullable<SiteInjection['gated']>

const gatedOf = (injections: readonly SiteInjection[]): Gated[] => injections.flatMap((injection) => injection.gated ?? [])

/**
 * Branches beside a layer's attention, each with its own softmax. What all rows share is held once; the others meet their
 * groups' rows, the first of every group together, then the second of every group.
 */
export function gatedBranches(common: readonly SiteInjection[], groups: readonly InjectedGroup[]) {
  const own = groups.map(({ injections }) => gatedOf(injections))
  const together = Array.from({ length: Math.max(0, ...own.map((branches) => branches.length)) }, (_, i) => own.map((branches) => branches[i]))
  const counts = groups.map((group) => group.rows)
  /** What is added to attention, `[B,N,S,D]`; null without any. */
  return (g: GraphBuilder, layer: number, q: Value): Value | null => {
    const added = [
      ...gatedOf(common).map((branches) => attend(g, layer, q, [branches], (value) => value)),
      ...together.map((branches) => attend(g, layer, q, branches, (value) => repeat(g, value, counts))),
    ]
    return added.length ? added.reduce((sum, next) => g.add(sum, next)) : null
  }
}

/** A group without branches has a gate of 0. */
function attend(g: GraphBuilder, layer: number, q: Value, groups: readonly (Gated | undefined)[], toRows: (value: Value) => Value): Value {
  const prefix = stack(
    g,
    groups.map((group) => group?.prefix),
    0,
  ) // [G,L,2,K,P,D]
  const gate = stack(
    g,
    groups.map((group) => group?.gate),
    0,
  ) // [G,L,N,branches]
  const [G, , N, branches] = gate.shape
  const P = size(prefix, 4)
  const [keys, values] = halves(g, prefix, layer).map(toRows)
  const whole = groups.every((group) => !group || (size(group.gate, 2) === 1 && size(group.prefix, 3) === P))
  const mask = (): Value =>
    stack(
      g,
      groups.map((group) => group && branchMask(g, group.lengths, size(group.gate, 2), P)),
      0,
    ) // [G,branches,P]
  return gatedAttention(g, q, { keys, values, gate: toRows(g.reshape(ofLayer(g, gate, layer), [G, N, branches])), ...(!whole && { mask: toRows(mask()) }) })
}

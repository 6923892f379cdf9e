import type { GraphBuilder, Value } from '@weft/graph'
import type { SiteInjection } from '../weave.ts'
import { type InjectedGroup, repeat, stack } from './groups.ts'

/** What some adapters do to one layer. */
interface OnLayer {
  /** Factors `[in]`, `[out]`. */
  ins: Value[]
  outs: Value[]
  /** `[R,in]`, `[out,R]`, one of each a term. */
  as: Value[]
  bs: Value[]
  /** `[out]` */
  biases: Value[]
}

const present = <T>(values: (T | undefined)[]): T[] => values.filter((value) => value !== undefined)

function onLayer(injections: readonly SiteInjection[], module: string): OnLayer {
  const low = present(injections.map(({ linears }) => linears?.[module]))
  const factors = present(injections.map(({ scales }) => scales?.[module]))
  return {
    ins: present(factors.map((factor) => factor.in)),
    outs: present(factors.map((factor) => factor.out)),
    as: present(low.map(({ a }) => a)),
    bs: present(low.map(({ b }) => b)),
    biases: present(low.map(({ bias }) => bias)),
  }
}

/**
 * Linear layers: `out ⊙ apply(in ⊙ x) + B·A·x + bias`. Terms that all rows share are products with all of x. The others are
 * batched products, `[U,M/U,in]·[U,in,R]` over units of rows, ranks filled up with zeros: as many kernels for eight adapters as for one.
 */
export function linearLayers(common: readonly SiteInjection[], groups: readonly InjectedGroup[]) {
  return (g: GraphBuilder, module: string, x: Value, apply: (x: Value) => Value): Value => {
    const shared = onLayer(common, module)
    const own = groups.map(({ injections }) => onLayer(injections, module))
    const units = unitsOf(groups)
    /** A tensor a group, for each unit: `[U,…]`; undefined when no group has one. */
    const perUnit = (values: (Value | undefined)[], fill: number): Value | undefined =>
      values.some(Boolean) ? repeat(g, stack(g, values, fill), units.counts) : undefined
    const inUnits = (rows: Value): Value => g.reshape(rows, [units.total, Number(rows.shape[0]) / units.total, rows.shape[1]])
    const flat = (rows: Value): Value => g.reshape(rows, [Number(rows.shape[0]) * Number(rows.shape[1]), rows.shape[2]])

    const scaled = (rows: Value, factors: Value[], ofGroups: Value[][]): Value => {
      const all = factors.reduce((product, factor) => g.mul(product, factor), rows)
      const each = perUnit(
        ofGroups.map((own) => (own.length ? own.reduce((product, factor) => g.mul(product, factor)) : undefined)),
        1,
      )
      return each ? flat(g.mul(inUnits(all), g.reshape(each, [units.total, 1, each.shape[1]]))) : all
    }
    const y = scaled(
      apply(
        scaled(
          x,
          shared.ins,
          own.map(({ ins }) => ins),
        ),
      ),
      shared.outs,
      own.map(({ outs }) => outs),
    )

    const biased = shared.biases.reduce((sum, bias) => g.add(sum, bias), y)
    const added = shared.as.length ? g.gemm(g.gemm(x, g.concat(shared.as, 0), { transB: true }), g.concat(shared.bs, 1), { transB: true, c: biased }) : biased
    const a = perUnit(
      own.map(({ as }) => (as.length ? g.concat(as, 0) : undefined)),
      0,
    ) // [U,R,in]
    const b = perUnit(
      own.map(({ bs }) => (bs.length ? g.concat(bs, 1) : undefined)),
      0,
    ) // [U,out,R]
    const bias = perUnit(
      own.map(({ biases }) => (biases.length ? biases.reduce((sum, next) => g.add(sum, next)) : undefined)),
      0,
    )
    const low = a && b && g.matMul(g.matMul(inUnits(x), g.transpose(a, [0, 2, 1])), g.transpose(b, [0, 2, 1])) // [U,M/U,out]
    const raised = low ? g.add(added, flat(low)) : added
    return bias ? flat(g.add(inUnits(raised), g.reshape(bias, [units.total, 1, bias.shape[1]]))) : raised
  }
}

/** The largest equal parts of the batch's rows that groups are made of. */
function unitsOf(groups: readonly InjectedGroup[]): { total: number; counts: number[] } {
  const rows = groups.map((group) => Number(group.rows))
  const unit = rows.reduce((a, b) => {
    while (b) [a, b] = [b, a % b]
    return a
  })
  const counts = rows.map((count) => count / unit)
  return { total: counts.reduce((sum, count) => sum + count, 0), counts }
}

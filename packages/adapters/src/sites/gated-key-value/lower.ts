import { type Dim, mulDims, type Value } from '@weft/graph'
import { siteNotTrainable } from '../../errors.ts'
import type { SiteLowering } from '../../hooks/lowering.ts'
import { sizes } from '../../hooks/padding.ts'
import { columnMask, neutral } from './inputs.ts'

export const lowering: SiteLowering = {
  neutral,
  mask: 'mask',

  /** A state's branches one after another, spread to the width of the widest. */
  inputs(g, { prefix, gate, lengths }) {
    if (!lengths.constant) throw siteNotTrainable('gatedKeyValue', 'how many columns a branch has must be known when the graph is built')
    const columns = Array.from(lengths.constant.data, Number)
    const [[L, , K, , D], G, width] = [sizes(prefix), columns.length, Math.max(...columns)]
    const layers = (value: Value): Value[] => g.split(value, Array<number>(L).fill(1), 0)
    const spread = (half: Value): Value => {
      const branches = g.split(half, columns, 3).map((branch, i) => g.pad(branch, { pads: [0, 0, 0, 0, 0, 0, 0, 0, width - columns[i], 0] }))
      return g.reshape(g.concat(branches, 3), [K, G, width, D])
    }
    return Object.fromEntries([
      ...layers(prefix).flatMap((layer, i) => g.split(layer, [1, 1], 1).map((half, kind): [string, Value] => [`${i}.${kind ? 'value' : 'key'}`, spread(half)])),
      ...layers(gate).map((layer, i): [string, Value] => [`${i}.gate`, g.reshape(layer, layer.shape.slice(1))]),
      ['mask', g.constant(columnMask(columns, width), [G, width])],
    ])
  },

  /** Σ over branches of gate · softmax(q·kᵀ)·v. The scores of all branches are one product, `[B,N,S,G·P]`, with a softmax over each P. */
  attentionExtra(g, { layer, q: queries }, tensors, slots) {
    const own = (name: string): Value | undefined => {
      const value = tensors(name)
      return value && slots ? slots.rows(value) : value
    }
    const [keys, values, gate] = ['key', 'value', 'gate'].map((name) => own(`${layer}.${name}`))
    if (!keys || !values || !gate) return undefined
    const [q, mask] = [queries(slots), own('mask')]
    const [B, N, S, D] = q.shape as [Dim, number, Dim, number]
    const [K, G, P] = keys.shape.slice(-4) as [number, Dim, Dim]
    const batch: Dim = slots ? B : 1
    const [all, group] = [mulDims(G, P), mulDims(N / K, S)] // queries that share a key head are more rows
    const columns = (half: Value): Value => g.reshape(half, [batch, K, all, D])
    const scores = g.matMul(g.reshape(q, [B, K, group, D]), g.transpose(columns(keys), [0, 1, 3, 2]))
    const split = g.reshape(scores, [B, N, S, G, P])
    const masked = mask ? g.add(split, g.reshape(mask, [batch, 1, 1, G, P])) : split
    const shares = g.mul(g.softmax(masked, { axis: -1 }), g.reshape(gate, [batch, N, 1, G, 1]))
    return g.reshape(g.matMul(g.reshape(shares, [B, K, group, all]), columns(values)), [B, N, S, D])
  },
}

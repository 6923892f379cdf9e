import { addDims, type Dim, type GraphBuilder, subDims, type Value } from '@weft/graph'
import type { Rules } from '../rule.ts'
import { zeros } from '../zeros.ts'

/** Zeros around a value along some axes; sizes may be symbolic. */
function surround(g: GraphBuilder, x: Value, axes: readonly number[], before: readonly Dim[], after: readonly Dim[]): Value {
  if ([...before, ...after].every((d) => typeof d === 'number')) {
    const pads = new Array<number>(2 * x.shape.length).fill(0)
    axes.forEach((axis, i) => {
      pads[axis] = before[i] as number
      pads[x.shape.length + axis] = after[i] as number
    })
    return g.pad(x, { pads })
  }
  return axes.reduce((value, axis, i) => {
    const block = (size: Dim) =>
      size === 0
        ? []
        : [
            zeros(
              g,
              value.dtype,
              value.shape.map((d, j) => (j === axis ? size : d)),
            ),
          ]
    return g.concat([...block(before[i]), value, ...block(after[i])], axis)
  }, x)
}

/** Zeros everywhere but at one index of an axis, which `ct` (without that axis) fills. */
export const placed = (g: GraphBuilder, ct: Value, x: Value, axis: number, index: number): Value => {
  const size = x.shape[axis]
  const at: Dim = index < 0 ? addDims(size, index) : index
  return surround(
    g,
    g.reshape(
      ct,
      x.shape.map((d, i) => (i === axis ? 1 : d)),
    ),
    [axis],
    [at],
    [subDims(size, addDims(at, 1))],
  )
}

export const movement = {
  Reshape: ({ g, ct, inputs: [x] }) => [() => g.reshape(ct, x.shape)],
  Transpose: ({ g, ct, attributes: { perm } }) => [
    () =>
      g.transpose(
        ct,
        perm.map((_, i) => perm.indexOf(i)),
      ),
  ],
  Concat: ({ g, ct, inputs, attributes: { axis } }) => {
    let end: Dim = 0
    return inputs.map((x) => {
      const start: Dim = end
      const stop: Dim = (end = addDims(start, x.shape[axis]))
      return () => g.slice(ct, { starts: [start], ends: [stop], axes: [axis] })
    })
  },
  Split: ({ g, cts, attributes: { axis } }) => [() => g.concat(cts, axis)],
  Slice: ({ g, ct, inputs: [x], attributes: { starts, ends, axes } }) => [
    () =>
      surround(
        g,
        ct,
        axes,
        starts,
        ends.map((end, i) => subDims(x.shape[axes[i]], end)),
      ),
  ],
  // The walk sums what was repeated.
  Expand: ({ ct }) => [() => ct],
  Pad: ({ g, ct, inputs: [x], attributes: { pads } }) => [
    () => g.slice(ct, { starts: pads.slice(0, x.shape.length), ends: x.shape.map((d, i) => addDims(d, pads[i])), axes: x.shape.map((_, i) => i) }),
  ],
} satisfies Partial<Rules>

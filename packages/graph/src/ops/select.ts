import { broadcast } from '../dim.ts'
import { numbers } from '../dtype.ts'
import { defineOp, type Emit, type None } from '../op.ts'
import { broadcastStrides, offsetsOf } from '../strides.ts'
import type { Operand, Value } from '../value.ts'

/** `a` where the condition holds, else `b`; the three broadcast together. */
export const Where = defineOp({
  build: (emit: Emit<None>) => (condition: Value, a: Operand, b: Operand) => emit([condition, a, b], {})[0],
  infer: ([condition, a, b]) => {
    if (condition.dtype !== 'bool') throw `the condition must be bool, got ${condition.dtype}`
    if (a.dtype !== b.dtype) throw `both choices must have one dtype, got ${a.dtype} and ${b.dtype}`
    const choices = broadcast(a.shape, b.shape)
    const shape = choices && broadcast(condition.shape, choices)
    if (!shape) throw 'shapes do not broadcast'
    return [{ dtype: a.dtype, shape }]
  },
  run: ([condition, a, b], _, context) => {
    const out = context.buffer()
    const { shape } = context.outputs[0]
    const [c, x, y] = [condition, a, b].map((t) => offsetsOf(shape, broadcastStrides(t.shape, shape)))
    const [chosen, yes, no] = [condition, a, b].map(numbers)
    for (let i = 0; i < out.length; i++) out[i] = chosen[c[i]] ? yes[x[i]] : no[y[i]]
    return [context.result(out)]
  },
})

/** The same numbers under another name: needed where one value is two outputs. */
export const Identity = defineOp({
  build: (emit: Emit<None>) => (x: Value) => emit([x], {})[0],
  infer: ([x]) => [x],
  run: ([x]) => [x],
})

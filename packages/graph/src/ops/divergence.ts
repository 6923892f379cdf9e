import { sameShape } from '../dim.ts'
import { numbers } from '../dtype.ts'
import type { OpRecord } from '../op.ts'
import type { Value } from '../value.ts'
import { defaultChunks } from './cross-entropy-chunks.ts'
import { divergenceChunks } from './divergence-chunks.ts'

/**
 * Σ weights · KL(softmax(teacher · teacherWeightᵀ) ‖ softmax(x · wᵀ)), a scalar, both logits held in blocks of rows.
 * `x, teacher [M,H]`, `w, teacherWeight [V,H]`, `weights [M]`. The teacher is a constant: nothing is differentiated by it.
 */
export const LinearKullbackLeibler: OpRecord<
  { chunks: number },
  (x: Value, w: Value, teacher: Value, teacherWeight: Value, weights: Value, options?: { chunks?: number }) => Value
> = {
  // Two blocks of logits are alive at once where the cross-entropy has one.
  build:
    (emit) =>
    (x, w, teacher, teacherWeight, weights, { chunks = 2 * defaultChunks(x, w) } = {}) =>
      emit([x, w, teacher, teacherWeight, weights], { chunks })[0],
  infer: ([x, w, teacher, teacherWeight, weights]) => {
    const [M, H] = x.shape
    const [V] = w.shape
    if (x.shape.length !== 2 || !sameShape(w.shape, [V, H])) throw 'x must be [M,H] and w [V,H]'
    if (teacher.shape.length !== 2 || teacher.shape[0] !== M || !sameShape(teacherWeight.shape, [V, teacher.shape[1]]))
      throw `teacher must be [${M},H'] and teacherWeight [${V},H']`
    if (weights.dtype !== x.dtype || !sameShape(weights.shape, [M])) throw `weights must be ${x.dtype} [${M}]`
    return [{ dtype: x.dtype, shape: [] }]
  },
  run: ([x, w, teacher, teacherWeight, weights], _, context) => {
    const [from, rows, given, table, weight] = [x, w, teacher, teacherWeight, weights].map(numbers)
    const M = x.shape[0]
    const V = w.shape[0]
    const out = context.buffer()
    const logs = (states: ArrayLike<number>, matrix: ArrayLike<number>, width: number, m: number): Float64Array => {
      const logits = Float64Array.from({ length: V }, (_, v) => {
        let sum = 0
        for (let h = 0; h < width; h++) sum += states[m * width + h] * matrix[v * width + h]
        return sum
      })
      const max = logits.reduce((a, b) => Math.max(a, b), -Infinity)
      const total = max + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - max), 0))
      return logits.map((logit) => logit - total)
    }
    for (let m = 0; m < M; m++) {
      if (weight[m] === 0) continue
      const [p, t] = [logs(from, rows, x.shape[1], m), logs(given, table, teacher.shape[1], m)]
      out[0] += weight[m] * t.reduce((sum, log, v) => sum + Math.exp(log) * (log - p[v]), 0)
    }
    return [context.result(out)]
  },
  lower: (g, inputs, attributes) => [
    divergenceChunks(g, inputs, attributes)
      .map(({ weights, loss }) => g.reduceSum(g.mul(weights, loss), { keepdims: false }))
      .reduce((a, b) => g.add(a, b)),
  ],
}

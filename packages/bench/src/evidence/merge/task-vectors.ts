import { type FloatTensor, floatTensor, type LoadedAdapter } from '@weft/adapters'

/** What a LoRA adds to each module's weight, `[out, in]`, row by row. */
export type TaskVector = ReadonlyMap<string, FloatTensor>

/** B·A of each module, as Ilharco et al. 2023 call the difference that training made. */
export const taskVectorOf = ({ state }: Pick<LoadedAdapter, 'state'>): TaskVector =>
  new Map(
    Object.entries(state.linear ?? {}).flatMap(([name, a]): [string, FloatTensor][] => {
      if (!name.endsWith('.a')) return []
      const module = name.slice(0, -2)
      return [[module, product(state.linear[`${module}.b`] as FloatTensor, a as FloatTensor)]]
    }),
  )

const product = ({ shape: [out, R], data: b }: FloatTensor, { shape: [, input], data: a }: FloatTensor): FloatTensor => {
  const sum = new Float32Array(out * input)
  for (let o = 0; o < out; o++) for (let r = 0; r < R; r++) for (let i = 0, by = b[o * R + r]; i < input; i++) sum[o * input + i] += by * a[r * input + i]
  return floatTensor([out, input], sum)
}

/** The vector as tensors of the `linear` site, exactly: one factor is the vector, the other the identity. */
export const asLinear = (vector: TaskVector): Record<string, FloatTensor> =>
  Object.fromEntries(
    [...vector].flatMap(([module, whole]): [string, FloatTensor][] => {
      const [out, input] = whole.shape
      const wide = out <= input
      return [
        [`${module}.a`, wide ? whole : identity(input)],
        [`${module}.b`, wide ? identity(out) : whole],
      ]
    }),
  )

const identity = (n: number): FloatTensor =>
  floatTensor(
    [n, n],
    Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
  )

export const scaled = (vector: TaskVector, by: number): TaskVector =>
  new Map(
    [...vector].map(([module, { shape, data }]) => [
      module,
      floatTensor(
        shape,
        data.map((value) => value * by),
      ),
    ]),
  )

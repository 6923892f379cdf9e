import { type FloatTensor, floatTensor } from '@weft/adapters'
import type { TaskVector } from './task-vectors.ts'

/** Task arithmetic (Ilharco et al. 2023): the sum. */
export const taskArithmetic = (vectors: readonly TaskVector[]): TaskVector => elementwise(vectors, (values) => values.reduce((a, b) => a + b, 0))

/**
 * TIES (Yadav et al. 2023): of each vector only its largest entries are kept, of all its modules together; each entry takes the sign that has more weight; and what
 * agrees with it is averaged.
 * @param density share of entries that are kept
 */
export const ties = (vectors: readonly TaskVector[], density: number): TaskVector =>
  elementwise(
    vectors.map((vector) => trimmed(vector, density)),
    (values) => {
      const sign = Math.sign(values.reduce((a, b) => a + b, 0))
      const agreeing = values.filter((value) => value !== 0 && Math.sign(value) === sign)
      return agreeing.length === 0 ? 0 : agreeing.reduce((a, b) => a + b, 0) / agreeing.length
    },
  )

const trimmed = (vector: TaskVector, density: number): TaskVector => {
  const all = [...vector.values()].flatMap(({ data }) => [...data.map(Math.abs)])
  const sizes = Float32Array.from(all).sort()
  const least = sizes[Math.max(0, sizes.length - Math.max(1, Math.round(density * sizes.length)))]
  return new Map(
    [...vector].map(([module, { shape, data }]) => [
      module,
      floatTensor(
        shape,
        data.map((value) => (Math.abs(value) >= least ? value : 0)),
      ),
    ]),
  )
}

const elementwise = (vectors: readonly TaskVector[], of: (values: number[]) => number): TaskVector =>
  new Map(
    [...vectors[0]].map(([module, { shape, data }]): [string, FloatTensor] => {
      const others = vectors.map((vector) => vector.get(module)!.data)
      return [
        module,
        floatTensor(
          shape,
          data.map((_, i) => of(others.map((other) => other[i]))),
        ),
      ]
    }),
  )

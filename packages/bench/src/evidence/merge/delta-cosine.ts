import type { FloatTensor } from '@weft/adapters'
import type { TaskVector } from './task-vectors.ts'

/** Root mean square, over modules, of the cosine between what two LoRAs add to the same weight (Cao et al. 2025). 0 where they share no module. */
export const deltaCosine = (a: TaskVector, b: TaskVector): number => {
  const squares = [...a].flatMap(([module, delta]) => {
    const other = b.get(module)
    return other ? [cosine(delta, other) ** 2] : []
  })
  return squares.length === 0 ? 0 : Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length)
}

const cosine = (a: FloatTensor, b: FloatTensor): number => {
  const lengths = Math.sqrt(dot(a, a) * dot(b, b))
  return lengths === 0 ? 0 : dot(a, b) / lengths
}

const dot = ({ data: a }: FloatTensor, { data: b }: FloatTensor): number => a.reduce((sum, value, i) => sum + value * b[i], 0)

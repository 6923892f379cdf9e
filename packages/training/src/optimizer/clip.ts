import type { Parameter } from '../graph/parameter.ts'
import { TimeSlices } from './time-slices.ts'

/**
 * Scales all gradients so that their joint L2 norm is at most `maxNorm`, in place. Returns the norm before.
 * A `maxNorm` of 0 only measures.
 */
export const clipGradientNorm = async (parameters: readonly Parameter[], maxNorm: number): Promise<number> => {
  const timeSlices = new TimeSlices()
  let sum = 0
  for (const { gradient } of parameters) {
    await timeSlices.walk(gradient.length, (start, end) => {
      for (let i = start; i < end; i++) sum += gradient[i] * gradient[i]
    })
  }
  const norm = Math.sqrt(sum)
  const factor = maxNorm / (norm + 1e-6) // the same guard against a norm of zero as PyTorch's
  if (maxNorm > 0 && factor < 1) {
    for (const { gradient } of parameters) {
      await timeSlices.walk(gradient.length, (start, end) => {
        for (let i = start; i < end; i++) gradient[i] *= factor
      })
    }
  }
  return norm
}

import type { Parameter } from '../graph/parameter.ts'
import { TimeSlices } from './time-slices.ts'

/** The loss scale of a run that computes in float16, and the steps since it last changed. */
export interface LossScale {
  scale: number
  goodSteps: number
}

const LARGEST = 2 ** 24
const REGROW_AFTER = 2000

/**
 * Gradients below 6e-8 are zero in float16, so the loss is multiplied by a power of two and the gradients are divided by it again, in float32. The scale is as
 * large as the range allows: an overflow halves it and the step is taken anew, and so many steps without one double it (Micikevicius et al. 2018,
 * https://arxiv.org/abs/1710.03740). bfloat16 has float32's range and needs none.
 */
export const initialLossScale = (): LossScale => ({ scale: 2 ** 16, goodSteps: 0 })

/** After an overflow; false where there is nothing left to halve, so that it was none of the scale's. */
export function shrink(state: LossScale): boolean {
  if (state.scale <= 1) return false
  state.scale /= 2
  state.goodSteps = 0
  return true
}

/** After a step without overflow. */
export function regrow(state: LossScale): void {
  state.goodSteps += 1
  if (state.goodSteps < REGROW_AFTER || state.scale >= LARGEST) return
  state.scale *= 2
  state.goodSteps = 0
}

/** Divides every gradient by the scale, in place: exact, since it is a power of two. */
export async function unscale(parameters: readonly Parameter[], { scale }: LossScale): Promise<void> {
  const slices = new TimeSlices()
  for (const { gradient } of parameters)
    await slices.walk(gradient.length, (start, end) => {
      for (let i = start; i < end; i++) gradient[i] /= scale
    })
}

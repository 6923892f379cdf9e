import type { GraphBuilder, Value } from '@weft/graph'
import type { SiteLowering } from '../../hooks/lowering.ts'
import { type Slots, withVector } from '../../hooks/slots.ts'
import { NEUTRAL } from './inputs.ts'

const times = (g: GraphBuilder, x: Value, factor: Value | undefined, slots: Slots | undefined): Value | undefined =>
  factor && withVector(g, x, factor, slots, (x, by) => g.mul(x, by))

export const lowering: SiteLowering = {
  neutral: () => NEUTRAL,
  linearInput: (g, { module, x }, tensors, slots) => times(g, x, tensors(`${module}.in`), slots),
  linearOutput: (g, { module, y }, tensors, slots) => times(g, y, tensors(`${module}.out`), slots),
}

import type { RotaryTable } from '@weft/model'
import type { Runtime, Session, Tensor } from '@weft/ort'

/** How a graph is told where its tokens stand: rotary tables `[B,T,D/2]`, or the positions themselves, `[B·T]`. One that asks for neither gets neither. */
export interface PositionTensors {
  cos?: Tensor<'float32'>
  sin?: Tensor<'float32'>
  position_ids?: Tensor<'int64'>
}

/** Those of them that a session has inputs for. */
export function positionTensors(runtime: Runtime, { inputs }: Pick<Session, 'inputs'>, rotary: RotaryTable, B: number, T: number): PositionTensors {
  const asked = new Set(inputs.map(({ name }) => name))
  return {
    ...(asked.has('cos') && { cos: runtime.tensor('float32', [B, T, rotary.half]), sin: runtime.tensor('float32', [B, T, rotary.half]) }),
    ...(asked.has('position_ids') && { position_ids: runtime.tensor('int64', [B * T]) }),
  }
}

/** Writes positions from row `at` of `[B·T]` on. */
export function writePositions({ cos, sin, position_ids: ids }: PositionTensors, rotary: RotaryTable, positions: ArrayLike<number>, at = 0): void {
  if (cos && sin) rotary.write(positions, cos.data, sin.data, at)
  if (ids) for (let i = 0; i < positions.length; i++) ids.data[at + i] = BigInt(positions[i])
}

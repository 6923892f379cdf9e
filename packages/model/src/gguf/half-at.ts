import { widen } from '../checkpoint/widen.ts'

const halves = new Uint8Array(2)
const single = new Float32Array(1)

/** The IEEE half at a byte, little-endian. */
export function halfAt(bytes: Uint8Array, at: number): number {
  halves[0] = bytes[at]
  halves[1] = bytes[at + 1]
  widen('F16', halves, single)
  return single[0]
}

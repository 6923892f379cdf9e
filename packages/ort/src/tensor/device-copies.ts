import type { Device } from '../device/device.ts'
import { mutexOf } from '../device/device-mutex.ts'
import type { Native } from '../native/native.ts'
import type { DeviceCopies, Tensor } from './tensor.ts'

/** Copies through ONNX Runtime, which knows how each provider moves its memory. */
export function copiesOf({ api, env }: Native, device: Exclude<Device, 'cpu'>): DeviceCopies {
  const mutex = mutexOf(device)
  const copy = async (source: Tensor, target: Tensor) => {
    const held = [env, source.handle, target.handle].map((handle) => handle.retain())
    // Explicit buffers: another thread reads these, and small arrays made otherwise move.
    const pointers = [source, target].map(({ handle }) => new BigUint64Array(new BigUint64Array([handle.pointer]).buffer))
    try {
      await mutex.runExclusive(() => api.CopyTensors.async(env.pointer, pointers[0]!, pointers[1]!, null, 1))
    } finally {
      for (const handle of held) handle.release()
    }
  }
  return { toDevice: copy, fromDevice: copy }
}

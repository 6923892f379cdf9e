import { type Device, providerLibrary } from '../device/device.ts'
import { mutexOf } from '../device/device-mutex.ts'
import { OrtError } from '../errors.ts'
import type { Handle } from '../native/lifetime.ts'
import type { Native } from '../native/native.ts'
import type { DeviceCopies, Tensor } from './tensor.ts'

/** Copies through ONNX Runtime, which knows how each provider moves its memory. @throws OrtError `ort_*` */
export function copiesOf(native: Native, device: Exclude<Device, 'cpu'>): DeviceCopies {
  const { api, env } = native
  registerTransfers(native, device)
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

const registered = new WeakSet<Handle>()

/**
 * CopyTensors moves data with what the environment knows, not with what a session's provider knows: a provider in a library of its own
 * is made known to the environment too. All runtimes of a process have one environment, so another may have done it.
 */
function registerTransfers({ api, env, library }: Native, device: Exclude<Device, 'cpu'>): void {
  const path = providerLibrary(library, device)
  if (path === undefined || registered.has(env)) return
  try {
    api.RegisterExecutionProviderLibrary(env.pointer, `weft ${device}`, path)
  } catch (error) {
    if (!(error instanceof OrtError && error.message.includes('already registered'))) throw error
  }
  registered.add(env)
}

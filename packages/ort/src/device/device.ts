import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { deviceUnavailable, OrtError, unknownDevice } from '../errors.ts'
import type { Out, Pointer } from '../native/api.ts'
import { koffi } from '../native/koffi.ts'
import { type Native, receive } from '../native/native.ts'
import { loadVulkan } from './vulkan.ts'

export type Device = 'cpu' | 'webgpu' | 'cuda'

interface Provider {
  /** As GetAvailableProviders names it. */
  name: string
  /** Name of its memory, for CreateMemoryInfo. */
  memory: string
  append(native: Native, sessionOptions: Pointer, options: Record<string, string>): void
  /** What keeps it from working that can be told without trying. */
  missing(native: Native): string | undefined
}

const libraryFile = (stem: string) => (process.platform === 'win32' ? `${stem}.dll` : process.platform === 'darwin' ? `lib${stem}.dylib` : `lib${stem}.so`)

const providers: { readonly [D in Exclude<Device, 'cpu'>]: Provider } = {
  webgpu: {
    name: 'WebGpuExecutionProvider',
    memory: 'WebGPU_Buf',
    append({ api }, sessionOptions, options) {
      loadVulkan()
      api.SessionOptionsAppendExecutionProvider(sessionOptions, 'WebGPU', Object.keys(options), Object.values(options), Object.keys(options).length)
    },
    missing: () => undefined,
  },
  cuda: {
    name: 'CUDAExecutionProvider',
    memory: 'Cuda',
    append({ api }, sessionOptions, options) {
      const cuda = receive((out) => api.CreateCUDAProviderOptions(out))
      try {
        api.UpdateCUDAProviderOptions(cuda, Object.keys(options), Object.values(options), Object.keys(options).length)
        api.SessionOptionsAppendExecutionProvider_CUDA_V2(sessionOptions, cuda)
      } finally {
        api.ReleaseCUDAProviderOptions(cuda)
      }
    },
    missing({ library }) {
      const file = providerLibrary(library, 'cuda')!
      if (existsSync(file)) return undefined
      return `${file} is not there. Install the CUDA build of ONNX Runtime ${library.version} (onnxruntime-node fetches it from NuGet on Linux x64 when its install script may run: npm rebuild onnxruntime-node with scripts allowed), or name such a build with WEFT_ORT_LIBRARY.`
    },
  },
}

/** The file of a provider that is not in ONNX Runtime's own library. */
export const providerLibrary = ({ path }: { path: string }, device: Device): string | undefined =>
  device === 'cuda' ? join(dirname(path), libraryFile('onnxruntime_providers_cuda')) : undefined

/** Names of the providers compiled into the library. */
function compiledProviders({ api }: Native): string[] {
  const list: Out<Pointer> = [null]
  const count: Out<number> = [0]
  api.GetAvailableProviders(list, count)
  const names = (koffi.decode(list[0]!, koffi.array('void *', count[0]!)) as Pointer[]).map((name) => koffi.decode.string(name))
  api.ReleaseAvailableProviders(list[0]!, count[0]!)
  return names
}

export interface DeviceReport {
  device: Device
  available: boolean
  /** Why it is, or why it is not and what to do. */
  reason: string
}

/** Which devices this library can drive. `available` means that nothing known stands in the way; a driver may still refuse at `session`. */
export function reportDevices(native: Native): DeviceReport[] {
  const compiled = compiledProviders(native)
  const version = native.library.version
  return (['cuda', 'webgpu', 'cpu'] as const).map((device) => {
    if (device === 'cpu') return { device, available: true, reason: 'always there' }
    const provider = providers[device]
    const missing = compiled.includes(provider.name)
      ? provider.missing(native)
      : `ONNX Runtime ${version} at ${native.library.path} was built without ${provider.name}`
    return { device, available: missing === undefined, reason: missing ?? `ONNX Runtime ${version} has ${provider.name}` }
  })
}

/** Puts the device's provider first in the session's list. @throws OrtError `unknown_device`, `device_unavailable` */
export function appendDevice(native: Native, sessionOptions: Pointer, device: Device, options: Record<string, string>) {
  if (device === 'cpu') return
  const provider = Object.hasOwn(providers, device) ? providers[device] : undefined
  if (!provider) throw unknownDevice(device, ['cpu', ...Object.keys(providers)])
  const missing = compiledProviders(native).includes(provider.name)
    ? provider.missing(native)
    : `ONNX Runtime ${native.library.version} at ${native.library.path} was built without ${provider.name}`
  if (missing) throw deviceUnavailable(device, missing)
  try {
    provider.append(native, sessionOptions, options)
  } catch (cause) {
    if (cause instanceof OrtError) throw deviceUnavailable(device, `its provider did not load: ${cause.message}`)
    throw cause
  }
}

/** Whether a tensor's data pointer is an address that an offset may be added to. */
export const hasAddresses = (device: Exclude<Device, 'cpu'>): boolean => device === 'cuda'

/**
 * Whether copies of bound inputs go a way of their own, which a run does not wait for. On an H200, nine of sixteen of PEFT's cases that run a
 * session again with other inputs met some of the old ones until the copies were waited for.
 */
export const waitsForCopies = (device: Device): boolean => device === 'cuda'

export const deviceMemoryName = (device: Exclude<Device, 'cpu'>) => providers[device].memory

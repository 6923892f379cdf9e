import { appendDevice, type Device } from '../device/device.ts'
import type { Pointer } from '../native/api.ts'
import { type Native, receive } from '../native/native.ts'
import type { Weights } from '../tensor/weights.ts'
import { addInitializers, type ShownWeights } from './add-initializers.ts'
import type { Model } from './model.ts'

export interface SessionOptions {
  /** Where the model runs. Default `cpu`. */
  device?: Device
  /** Passed to the device's provider, e.g. `{ device_id: '1', enable_cuda_graph: '1' }`. */
  deviceOptions?: Record<string, string>
  /** Initializers by name, shared with other sessions. */
  weights?: Weights
  /** Threads inside one operator. Default: one per core. */
  threads?: number
  /** Let idle threads spin while they wait. Default false: it burns the cores of a shared machine. */
  spinning?: boolean
  /** Rearrange weights for faster kernels, at the price of a second copy. Default true. */
  prepack?: boolean
  /**
   * Keep freed CPU memory for the next run: in an arena of the session's own, or in one that all sessions of the runtime with
   * `shared` use (on CUDA, sessions always have an arena of their own on the card). Default false. Large graphs want `shared` without `memoryPattern`: fresh pages cost more than small kernels.
   */
  arena?: boolean | 'shared'
  /** Plan one block for all activations of a shape seen before; on large graphs it doubles the peak. Default true with an arena of its own, else false. */
  memoryPattern?: boolean
  /** Graph rewriting before the first run. Default `all`. */
  optimization?: 'none' | 'basic' | 'extended' | 'layout' | 'all'
  /** Folder against which external data of a model given as bytes is resolved. */
  externalDataFolder?: string
  /** Fixes symbolic dimensions by name, which lets more be folded ahead. */
  freeDimensions?: Record<string, number>
  /** Record every node's time; true, or the path prefix of the file. See `session.readProfile`. */
  profile?: boolean | string
  /** Fail when a node would run on the CPU although another device was asked for. */
  disableCpuFallback?: boolean
  /** Refuse kernels whose result depends on timing. */
  deterministic?: boolean
  /** From this severity on, ONNX Runtime writes to standard error. Default `fatal`: errors are thrown, with its message. */
  logging?: 'verbose' | 'info' | 'warning' | 'error' | 'fatal'
  /** Any other `session.*` entry, verbatim. */
  config?: Record<string, string>
}

export const severity = { verbose: 0, info: 1, warning: 2, error: 3, fatal: 4 } as const
const optimizationLevel = { none: 0, basic: 1, extended: 2, layout: 3, all: 99 } as const

/** The caller frees it with `ReleaseSessionOptions`. */
export function buildSessionOptions(native: Native, model: Model, options: SessionOptions, shown: ShownWeights): Pointer {
  const { api } = native
  const { weights } = options
  const pointer = receive((out) => api.CreateSessionOptions(out))
  try {
    const { device = 'cpu', arena = false, memoryPattern = arena === true } = options
    const config: Record<string, string> = {
      'session.intra_op.allow_spinning': options.spinning ? '1' : '0',
      'session.inter_op.allow_spinning': options.spinning ? '1' : '0',
      ...(options.prepack === false && { 'session.disable_prepacking': '1' }),
      // The environment's allocator of a card keeps nothing: each buffer of each run would be taken from the driver and given back, which halts the card.
      ...(arena === 'shared' && device !== 'cuda' && { 'session.use_env_allocators': '1', 'session.use_device_allocator_for_initializers': '1' }),
      ...(options.disableCpuFallback && { 'session.disable_cpu_ep_fallback': '1' }),
      ...(options.externalDataFolder !== undefined && { 'session.model_external_initializers_file_folder_path': options.externalDataFolder }),
      ...options.config,
    }
    api.SetSessionLogSeverityLevel(pointer, severity[options.logging ?? 'fatal'])
    api.SetSessionGraphOptimizationLevel(pointer, optimizationLevel[options.optimization ?? 'all'])
    if (options.threads !== undefined) api.SetIntraOpNumThreads(pointer, options.threads)
    arena ? api.EnableCpuMemArena(pointer) : api.DisableCpuMemArena(pointer)
    memoryPattern ? api.EnableMemPattern(pointer) : api.DisableMemPattern(pointer)
    if (options.deterministic) api.SetDeterministicCompute(pointer, true)
    if (typeof options.profile === 'string') api.EnableProfiling(pointer, options.profile)
    for (const [name, size] of Object.entries(options.freeDimensions ?? {})) api.AddFreeDimensionOverrideByName(pointer, name, size)
    for (const [key, value] of Object.entries(config)) api.AddSessionConfigEntry(pointer, key, value)
    if (weights || typeof model !== 'string') addInitializers(native, pointer, model, weights, shown)
    appendDevice(native, pointer, device, options.deviceOptions ?? {})
    return pointer
  } catch (error) {
    api.ReleaseSessionOptions(pointer)
    throw error
  }
}

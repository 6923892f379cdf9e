import { type Device, deviceMemoryName, hasAddresses } from '../device/device.ts'
import { mutexOf } from '../device/device-mutex.ts'
import { profileOff } from '../errors.ts'
import type { Pointer } from '../native/api.ts'
import { anonymousMemory, grown, joinPages } from '../native/huge-pages.ts'
import { koffi } from '../native/koffi.ts'
import { Handle, Owned } from '../native/lifetime.ts'
import { type Native, receive } from '../native/native.ts'
import { releasePrograms } from '../native/program-pages.ts'
import { copiesOf } from '../tensor/device-copies.ts'
import { type DType, dtypeInfo } from '../tensor/dtype.ts'
import { createTensor, type DeviceCopies, elementCount, Tensor } from '../tensor/tensor.ts'
import { type ShownWeights, wantsAll } from './add-initializers.ts'
import { Binding, type Bindings } from './binding.ts'
import type { Model } from './model.ts'
import { type PlacedProfile, placeProfile } from './placed-profile.ts'
import { type Profile, readProfile } from './profile.ts'
import { buildSessionOptions, type SessionOptions } from './session-options.ts'
import { readValueInfos, type ValueInfo } from './value-info.ts'

/** A model made ready for a device. Made by `ort.session`. */
export class Session extends Owned {
  readonly device: Device
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  readonly #native: Native
  #allocator: Handle | undefined
  #memoryInfo: Handle | undefined
  #copies: DeviceCopies | undefined
  #profiling: boolean
  readonly #removeProfile: () => void
  /** Inputs that the session's weights fill. */
  readonly #weights: Record<string, Tensor>
  readonly #allInputs: readonly ValueInfo[]

  constructor(native: Native, handle: Handle, { options, remove }: PlacedProfile) {
    super(handle)
    this.#native = native
    this.device = options.device ?? 'cpu'
    this.#profiling = Boolean(options.profile)
    this.#removeProfile = remove
    this.#allInputs = readValueInfos(native, handle.pointer, 'Input')
    this.#weights = Object.fromEntries(this.#allInputs.flatMap(({ name }) => (options.weights?.has(name) ? [[name, options.weights.get(name)!]] : [])))
    this.inputs = this.#allInputs.filter(({ name }) => !(name in this.#weights))
    this.outputs = readValueInfos(native, handle.pointer, 'Output')
  }

  /**
   * Ties tensors to names once, to run many times. Outputs that are not named are not computed.
   * @throws OrtError `unknown_name`, `wrong_dtype`, `wrong_shape`
   */
  bind(bindings: Bindings): Binding {
    const { handle, device, outputs } = this
    return new Binding(this.#native, { handle, device, outputs, inputs: this.#allInputs }, { ...bindings, inputs: { ...this.#weights, ...bindings.inputs } })
  }

  /** A tensor on the session's device, of undefined content; plain CPU memory when that is the CPU. It keeps the session's native side alive. */
  deviceTensor<D extends DType>(dtype: D, shape: readonly number[]): Tensor<D> {
    const { device } = this
    if (device === 'cpu') return createTensor(this.#native, dtype, shape)
    const { api, ledger } = this.#native
    elementCount(shape)
    const allocator = this.#deviceAllocator(device)
    const sizes = BigInt64Array.from(shape, BigInt)
    const mutex = mutexOf(device)
    const value = mutex.runNow('make a tensor', () =>
      receive((out) => api.CreateTensorAsOrtValue(allocator.pointer, sizes, sizes.length, dtypeInfo(dtype).code, out)),
    )
    const info = this.#addressable(device)
    const handle = new Handle(ledger, 'tensor', value, (pointer) => mutex.release(() => api.ReleaseValue(pointer)), [allocator, ...(info ? [info] : [])])
    this.#copies ??= copiesOf(this.#native, device)
    const block = info && { owner: handle, info, address: receive((out) => api.GetTensorMutableData(handle.pointer, out)) }
    return new Tensor(this.#native, handle, dtype, shape, { device, copies: this.#copies, block })
  }

  /** Of a device that gives addresses: WebGPU's pointers are handles of buffers. */
  #addressable(device: Exclude<Device, 'cpu'>): Handle | undefined {
    if (!hasAddresses(device)) return undefined
    const { api, ledger } = this.#native
    this.#memoryInfo ??= new Handle(
      ledger,
      'memory info',
      receive((out) => api.CreateMemoryInfo(deviceMemoryName(device), 0, 0, 0, out)),
      api.ReleaseMemoryInfo,
    )
    return this.#memoryInfo
  }

  #deviceAllocator(device: Exclude<Device, 'cpu'>): Handle {
    if (this.#allocator) return this.#allocator
    const { api, ledger } = this.#native
    const info = receive((out) => api.CreateMemoryInfo(deviceMemoryName(device), 0, 0, 0, out))
    try {
      const pointer = receive((out) => api.CreateAllocator(this.handle.pointer, info, out))
      return (this.#allocator = new Handle(ledger, 'allocator', pointer, (held) => mutexOf(device).release(() => api.ReleaseAllocator(held)), [this.handle]))
    } finally {
      api.ReleaseMemoryInfo(info)
    }
  }

  /** Settles when no session runs or waits on the device. */
  idle(): Promise<void> {
    return mutexOf(this.device).idle()
  }

  /** Ends profiling and sums up what was recorded; the file is removed. @throws OrtError `profile_off` */
  readProfile(): Profile {
    const { api, strings } = this.#native
    const session = this.handle.pointer
    if (!this.#profiling) throw profileOff()
    this.#profiling = false
    const text = receive((out) => api.SessionEndProfiling(session, strings, out))
    const path = koffi.decode.string(text)
    api.AllocatorFree(strings, text)
    try {
      return readProfile(path)
    } finally {
      this.#removeProfile()
    }
  }

  override dispose() {
    this.#allocator?.release()
    this.#allocator = undefined
    this.#memoryInfo?.release()
    this.#memoryInfo = undefined
    super.dispose()
  }
}

/** In turn, until optimizers find what they want. Other devices take copies of what optimizers were shown. */
const shownWeights = ({ weights, device = 'cpu' }: SessionOptions): ShownWeights[] => (weights && device === 'cpu' ? ['small', 'all'] : ['all'])

/** @throws OrtError `device_unavailable`, `ort_*` */
export function createSession(native: Native, model: Model, options: SessionOptions): Session {
  const placed = placeProfile(options)
  try {
    return own(native, makeSession(native, model, placed.options, shownWeights(options)), placed, options.weights?.needs ?? [])
  } catch (error) {
    placed.remove()
    throw error
  }
}

function makeSession(native: Native, model: Model, options: SessionOptions, [shown, ...others]: ShownWeights[]): Pointer {
  const settings = buildSessionOptions(native, model, options, shown!)
  try {
    return mutexOf(options.device ?? 'cpu').runNow('make a session', () =>
      receive((out) =>
        typeof model === 'string'
          ? native.api.CreateSessionWithPrepackedWeightsContainer(native.env.pointer, model, settings, container(options), out)
          : native.api.CreateSessionFromArrayWithPrepackedWeightsContainer(native.env.pointer, model, model.byteLength, settings, container(options), out),
      ),
    )
  } catch (error) {
    if (!others.length || !wantsAll(error)) throw error
  } finally {
    native.api.ReleaseSessionOptions(settings)
  }
  return makeSession(native, model, options, others)
}

/** As `createSession`, on another thread: loading a large model takes seconds. */
export async function loadSession(native: Native, model: Model, options: SessionOptions): Promise<Session> {
  const placed = placeProfile(options)
  try {
    return await loadPlaced(native, model, placed)
  } catch (error) {
    placed.remove()
    throw error
  }
}

async function loadPlaced(native: Native, model: Model, placed: PlacedProfile): Promise<Session> {
  const { options } = placed
  // All of them now: the store may be disposed of in the meantime, and the caller may do with its bytes what it likes.
  const settings = shownWeights(options).map((shown) => buildSessionOptions(native, model, options, shown))
  const bytes = typeof model === 'string' ? model : new Uint8Array(new Uint8Array(model).buffer)
  const needs = [native.env, ...(options.weights?.needs ?? [])].map((need) => need.retain())
  const prepacked = container(options)
  // What reading the weights left in the C library's hands would stand beside all that is made now.
  native.library.trim()
  const before = rearranges(options) ? anonymousMemory() : undefined
  const large = rearranges(options) && isLarge(options)
  const eviction = setInterval(() => evict(options), EVICTION_MS)
  const load = async ([first, ...others]: Pointer[]): Promise<Pointer> => {
    const out: [Pointer | null] = [null]
    try {
      await mutexOf(options.device ?? 'cpu').runExclusive(() =>
        typeof bytes === 'string'
          ? native.api.CreateSessionWithPrepackedWeightsContainer.async(native.env.pointer, bytes, first!, prepacked, out)
          : native.api.CreateSessionFromArrayWithPrepackedWeightsContainer.async(native.env.pointer, bytes, bytes.byteLength, first!, prepacked, out),
      )
      return out[0]!
    } catch (error) {
      if (!others.length || !wantsAll(error)) throw error
      return load(others)
    }
  }
  try {
    const session = own(native, await load(settings), placed, needs)
    if (before) await joinPages(grown(before, anonymousMemory()))
    if (large) releasePrograms()
    return session
  } finally {
    clearInterval(eviction)
    for (const need of needs) need.release()
    for (const pointer of settings) native.api.ReleaseSessionOptions(pointer)
    void bytes
  }
}

/** While a session is made it reads every weight once. What it has read leaves about as fast as what it makes of it grows. */
const EVICTION_MS = 10

/** A session that rearranged its weights reads few of them again; one that did not reads all of them in every run. */
function evict(options: SessionOptions): void {
  if (rearranges(options) && !options.weights?.isDisposed) options.weights?.evict()
}

/** Whether a session has weights of a store, and lays them out anew. */
const rearranges = ({ weights, prepack, device = 'cpu' }: SessionOptions): boolean => weights !== undefined && prepack !== false && device === 'cpu'

/** Bytes of weights from which on it is worth to look at the whole process. */
const LARGE = 64 * 1024 * 1024

const isLarge = ({ weights }: SessionOptions): boolean =>
  weights !== undefined && [...weights].reduce((bytes, [, { memory }]) => bytes + (memory?.byteLength ?? 0), 0) >= LARGE

const container = ({ weights }: SessionOptions) => weights?.handle.pointer ?? null

function own(native: Native, pointer: Pointer, placed: PlacedProfile, needs: Handle[]): Session {
  const { options, remove } = placed
  native.library.trim()
  evict(options)
  const mutex = mutexOf(options.device ?? 'cpu')
  const free = (): void => {
    native.api.ReleaseSession(pointer)
    remove()
  }
  return new Session(native, new Handle(native.ledger, 'session', pointer, () => mutex.release(free), [native.env, ...needs]), placed)
}

import { type Device, waitsForCopies } from '../device/device.ts'
import { mutexOf } from '../device/device-mutex.ts'
import { bindingBusy, memoryTaken, noOutputs, unboundInputs, unknownName, wrongDtype, wrongShape } from '../errors.ts'
import type { Pointer } from '../native/api.ts'
import { Handle, Owned } from '../native/lifetime.ts'
import { type Native, receive } from '../native/native.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { ValueInfo } from './value-info.ts'

export interface Bindings {
  inputs: Record<string, Tensor>
  outputs: Record<string, Tensor>
}

export interface RunOptions {
  /** Afterwards, gives the system back what no run and no session uses of the CPU's arena that sessions share (`arena: 'shared'`, which this session needs). */
  shrink?: boolean
}

/** What a binding needs of a session. */
export interface BoundSession {
  readonly handle: Handle
  readonly device: Device
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
}

/** What a binding keeps of a tensor: enough to run after the tensor itself was disposed of. */
interface Bound {
  name: string
  value: Handle
  buffer: ArrayBuffer | undefined
  staged: boolean
}

/**
 * Tensors tied to a session's names. It keeps everything bound to it alive. One tensor may be an input and an output at
 * once: that is how a key/value cache is updated in place.
 */
export class Binding extends Owned {
  readonly #native: Native
  readonly #session: Handle
  readonly #inputs: readonly ValueInfo[]
  readonly #outputs: readonly ValueInfo[]
  readonly #device: Device
  readonly #bound: Map<string, Bound>
  #running = false

  constructor(native: Native, session: BoundSession, { inputs, outputs }: Bindings) {
    const { api, ledger } = native
    const bound = new Map<string, Bound>()
    const pointer = receive((out) => api.CreateIoBinding(session.handle.pointer, out))
    super(
      new Handle(
        ledger,
        'binding',
        pointer,
        (binding) => {
          mutexOf(session.device).release(() => api.ReleaseIoBinding(binding))
          for (const { value } of bound.values()) value.release()
        },
        [session.handle],
      ),
    )
    this.#native = native
    this.#session = session.handle
    this.#inputs = session.inputs
    this.#outputs = session.outputs
    this.#device = session.device
    this.#bound = bound
    try {
      for (const [name, tensor] of Object.entries(inputs)) this.#bindTo('input', name, tensor)
      for (const [name, tensor] of Object.entries(outputs)) this.#bindTo('output', name, tensor)
    } catch (error) {
      this.dispose()
      throw error
    }
  }

  /** Rebinds one input or output. @throws OrtError `unknown_name`, `wrong_dtype`, `wrong_shape`, `binding_busy` */
  set(name: string, tensor: Tensor): this {
    if (this.#running) throw bindingBusy('rebind')
    if (find(this.#inputs, name)) this.#bindTo('input', name, tensor)
    else if (find(this.#outputs, name)) this.#bindTo('output', name, tensor)
    else
      throw unknownName(
        'name',
        name,
        [...this.#inputs, ...this.#outputs].map((info) => info.name),
      )
    return this
  }

  /**
   * One run on another thread; the event loop stays free. Leave the bound tensors' data alone until it is done.
   * @throws OrtError `binding_busy`, `unbound_inputs`, `no_outputs`, `ort_*`
   */
  async run({ shrink = false }: RunOptions = {}): Promise<void> {
    const { api } = this.#native
    const binding = this.#start()
    let options: Pointer | null = null
    try {
      if (shrink) {
        options = receive((out) => api.CreateRunOptions(out))
        api.AddRunConfigEntry(options, 'memory.enable_memory_arena_shrinkage', 'cpu:0')
      }
      await mutexOf(this.#device).runExclusive(async () => {
        if (this.#stage(binding) && waitsForCopies(this.#device)) await api.SynchronizeBoundInputs.async(binding.pointer)
        await api.RunWithBinding.async(this.#session.pointer, options, binding.pointer)
        if (this.#device !== 'cpu') await api.SynchronizeBoundOutputs.async(binding.pointer)
      })
    } finally {
      if (options !== null) api.ReleaseRunOptions(options)
      this.#running = false
      binding.release()
    }
  }

  /** One run on this thread. @throws OrtError as `run`, and `device_busy` */
  runSync(): void {
    const { api } = this.#native
    const binding = this.#start()
    try {
      mutexOf(this.#device).runNow('run', () => {
        if (this.#stage(binding) && waitsForCopies(this.#device)) api.SynchronizeBoundInputs(binding.pointer)
        api.RunWithBinding(this.#session.pointer, null, binding.pointer)
        if (this.#device !== 'cpu') api.SynchronizeBoundOutputs(binding.pointer)
      })
    } finally {
      this.#running = false
      binding.release()
    }
  }

  get running(): boolean {
    return this.#running
  }

  /** Checks, and holds the native side for the time of the run: disposing meanwhile takes effect when it ends. */
  #start(): Handle {
    const { handle } = this
    if (this.#running) throw bindingBusy('run')
    const unbound = this.#inputs.filter(({ name }) => !this.#bound.has(key('input', name)))
    if (unbound.length) throw unboundInputs(unbound.map(({ name }) => name))
    if (this.#bound.size === this.#inputs.length) throw noOutputs(this.#outputs.map(({ name }) => name))
    for (const { name, buffer } of this.#bound.values()) if (buffer?.detached) throw memoryTaken(name)
    this.#running = true
    return handle.retain()
  }

  /**
   * ONNX Runtime copies a CPU input of another device's session when it is bound. Such inputs are therefore bound again
   * before every run, so that a run reads what was written since, as on the CPU.
   * @returns whether there were any
   */
  #stage(binding: Handle): boolean {
    let any = false
    for (const { name, staged, value } of this.#bound.values()) {
      if (!staged) continue
      this.#native.api.BindInput(binding.pointer, name, value.pointer)
      any = true
    }
    return any
  }

  #bindTo(kind: 'input' | 'output', name: string, tensor: Tensor) {
    const { api } = this.#native
    const infos = kind === 'input' ? this.#inputs : this.#outputs
    const info = find(infos, name)
    if (!info)
      throw unknownName(
        kind,
        name,
        infos.map((one) => one.name),
      )
    if (info.dtype !== tensor.dtype) throw wrongDtype(name, info.dtype, tensor.dtype)
    if (info.shape.length !== tensor.shape.length || info.shape.some((size, axis) => typeof size === 'number' && size !== tensor.shape[axis])) {
      throw wrongShape(name, info.shape, tensor.shape)
    }
    const { pointer } = this.handle
    const value = tensor.handle
    const staged = kind === 'input' && this.#device !== 'cpu' && tensor.device === 'cpu'
    if (kind === 'output') api.BindOutput(pointer, name, value.pointer)
    else if (!staged) api.BindInput(pointer, name, value.pointer)
    const previous = this.#bound.get(key(kind, name))
    this.#bound.set(key(kind, name), { name, value: value.retain(), buffer: tensor.memory?.buffer, staged })
    previous?.value.release()
  }
}

const key = (kind: 'input' | 'output', name: string) => `${kind} ${name}`
const find = (infos: readonly ValueInfo[], name: string) => infos.find((info) => info.name === name)

import { type DeviceReport, reportDevices } from './device/device.ts'
import { openApi } from './native/api.ts'
import { findLibrary, loadLibrary } from './native/library.ts'
import { Handle, Ledger, Owned } from './native/lifetime.ts'
import { type Native, receive } from './native/native.ts'
import type { Model } from './session/model.ts'
import { createSession, loadSession, type Session } from './session/session.ts'
import { type SessionOptions, severity } from './session/session-options.ts'
import type { ArrayOf, DType } from './tensor/dtype.ts'
import { adoptTensor, createTensor, hugeTensor, mapTensor, type Tensor, type TensorSource } from './tensor/tensor.ts'
import { Weights } from './tensor/weights.ts'

export interface RuntimeOptions {
  /** Path of ONNX Runtime's library. Default: `WEFT_ORT_LIBRARY`, else the one that onnxruntime-node ships. */
  library?: string
  /** From this severity on, ONNX Runtime writes to standard error. Default `fatal`: errors are thrown, with its message. */
  logging?: SessionOptions['logging']
  /** Told the kind of everything that was collected without having been disposed of. */
  onLeak?: (kind: string) => void
}

/** ONNX Runtime, opened. Everything else is made from it. */
export class Runtime extends Owned {
  readonly #native: Native

  constructor(native: Native) {
    super(native.env)
    this.#native = native
  }

  /** As `1.30.0`. */
  get version(): string {
    return this.#native.library.version
  }

  get library(): string {
    return this.#native.library.path
  }

  /** A tensor in CPU memory: zeros, or a copy of `source`. @throws OrtError `bad_shape`, `data_mismatch`, `unknown_dtype` */
  tensor<D extends DType>(dtype: D, shape: readonly number[], source?: TensorSource<D>): Tensor<D> {
    return createTensor(this.#use, dtype, shape, source)
  }

  /**
   * Zeros in huge pages, where the system has them: for what every run reads all of. Where a part of such a page is written to, all of it takes memory.
   * @throws OrtError `bad_shape`, `unknown_dtype`
   */
  hugeTensor<D extends DType>(dtype: D, shape: readonly number[]): Tensor<D> {
    return hugeTensor(this.#use, dtype, shape)
  }

  /**
   * Zeros for weights: memory that a temporary file on a disk stands behind, so that what sessions have rearranged for themselves need not be held twice.
   * Plain memory where the system has no such thing. @throws OrtError `bad_shape`, `unknown_dtype`
   */
  mappedTensor<D extends DType>(dtype: D, shape: readonly number[]): Tensor<D> {
    return mapTensor(this.#use, dtype, shape)
  }

  /** A tensor over the caller's array, without a copy: for weights that are in memory already. The buffer must not be transferred away. */
  adopt<D extends DType>(dtype: D, shape: readonly number[], source: ArrayOf[D]): Tensor<D> {
    return adoptTensor(this.#use, dtype, shape, source)
  }

  /** An empty store of weights for sessions to share. */
  weights(): Weights {
    return new Weights(this.#use)
  }

  /** Blocks while the model is prepared. @throws OrtError `device_unavailable`, `ort_*` */
  session(model: Model, options: SessionOptions = {}): Session {
    return createSession(this.#use, model, options)
  }

  /** As `session`, on another thread. */
  async load(model: Model, options: SessionOptions = {}): Promise<Session> {
    return loadSession(this.#use, model, options)
  }

  /** Every device with whether it can be used, and why (not). */
  availableDevices(): DeviceReport[] {
    return reportDevices(this.#use)
  }

  /** Native objects alive, by kind. Empty once everything made here, and this, is disposed of. */
  get live(): Record<string, number> {
    return this.#native.ledger.counts
  }

  /** How many objects were collected without having been disposed of. */
  get leaked(): number {
    return this.#native.ledger.leaked
  }

  get #use(): Native {
    void this.handle
    return this.#native
  }
}

/** @throws OrtError `library_not_found`, `library_unusable`, `library_too_old` */
export function openRuntime({ library, logging = 'fatal', onLeak }: RuntimeOptions = {}): Runtime {
  const opened = loadLibrary(findLibrary(library))
  const api = openApi(opened)
  const ledger = new Ledger(onLeak)
  const pointer = receive((out) => api.CreateEnv(severity[logging], 'weft', out))
  api.DisableTelemetryEvents(pointer)
  const cpu = receive((out) => api.CreateCpuMemoryInfo(0, 0, out))
  // One arena for all sessions that ask for it: training makes a session for every bucket, and only one runs at a time.
  const arena = receive((out) => api.CreateCpuMemoryInfo(1, 0, out))
  api.CreateAndRegisterAllocator(pointer, arena, null)
  api.ReleaseMemoryInfo(arena)
  const env = new Handle(ledger, 'runtime', pointer, (held) => {
    api.ReleaseMemoryInfo(cpu)
    api.ReleaseEnv(held)
  })
  const strings = receive((out) => api.GetAllocatorWithDefaultOptions(out))
  return new Runtime({ library: opened, api, ledger, env, cpu, strings })
}

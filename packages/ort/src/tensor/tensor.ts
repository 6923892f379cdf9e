import type { Device } from '../device/device.ts'
import { badShape, dataMismatch, notOnCpu, viewOutOfRange } from '../errors.ts'
import { Handle, Owned } from '../native/lifetime.ts'
import { type Native, receive } from '../native/native.ts'
import { type ArrayOf, type DType, dtypeInfo } from './dtype.ts'
import { adopt, allocate, allocateMapped, type Memory } from './memory.ts'

/** Anything that holds as many elements; numbers are rounded as the typed array does it. float16 and bfloat16 also take raw bits as Uint16Array. */
export type TensorSource<D extends DType> =
  | ArrayOf[D]
  | (D extends 'int64' | 'uint64' ? readonly bigint[] : readonly number[])
  | (D extends 'float16' ? Uint16Array : never)

/** Copies between CPU memory and a device; `cpu` is a tensor in CPU memory of the same type and shape. */
export interface DeviceCopies {
  toDevice(cpu: Tensor, device: Tensor): Promise<void>
  fromDevice(device: Tensor, cpu: Tensor): Promise<void>
}

/** Device memory with an address. */
export interface DeviceBlock {
  readonly address: bigint
  /** What keeps it, and how it is called (OrtMemoryInfo). */
  readonly owner: Handle
  readonly info: Handle
}

interface OnDevice {
  device: Device
  copies: DeviceCopies
  block?: DeviceBlock | undefined
}

export function elementCount(shape: readonly number[]): number {
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) throw badShape(shape)
  return shape.reduce((count, size) => count * size, 1)
}

/** An OrtValue and, on the CPU, the memory under it. Made by `ort.tensor` and `session.deviceTensor`. */
export class Tensor<D extends DType = DType> extends Owned {
  readonly dtype: D
  readonly shape: readonly number[]
  /** Number of elements. */
  readonly size: number
  readonly device: Device
  /** CPU memory; undefined on a device. */
  readonly memory: Memory | undefined
  readonly #native: Native
  readonly #copies: DeviceCopies | undefined
  #data: ArrayOf[D] | undefined

  /** On a device whose memory has addresses: where the elements begin, and what keeps them. */
  readonly #block: DeviceBlock | undefined

  constructor(native: Native, value: Handle, dtype: D, shape: readonly number[], place: { memory: Memory } | OnDevice) {
    super(value)
    this.#native = native
    this.dtype = dtype
    this.shape = Object.freeze([...shape])
    this.size = elementCount(shape)
    this.device = 'device' in place ? place.device : 'cpu'
    this.memory = 'memory' in place ? place.memory : undefined
    this.#copies = 'copies' in place ? place.copies : undefined
    this.#block = 'block' in place ? place.block : undefined
  }

  /**
   * The elements in place: what is written here is what the next run reads. Empty once the tensor and all that uses it are
   * disposed of; copy (`slice()`) what has to outlive it.
   * @throws OrtError `not_on_cpu`, `disposed`
   */
  get data(): ArrayOf[D] {
    void this.handle
    if (!this.memory) throw notOnCpu('data', this.device)
    return (this.#data ??= new (dtypeInfo(this.dtype).array)(this.memory.buffer, this.memory.byteOffset, this.size))
  }

  /** The same memory as bytes, to read a file into. */
  get bytes(): Uint8Array<ArrayBuffer> {
    void this.handle
    if (!this.memory) throw notOnCpu('bytes', this.device)
    return new Uint8Array(this.memory.buffer, this.memory.byteOffset, this.memory.byteLength)
  }

  /**
   * Another tensor over part of the same memory, the CPU's or a CUDA device's: `shape` elements from `elementOffset` on. It keeps the memory
   * alive by itself and is disposed of by itself.
   * @throws OrtError `view_out_of_range`, `not_on_cpu`
   */
  view(elementOffset: number, shape: readonly number[]): Tensor<D> {
    const value = this.handle
    if (!this.memory && !this.#block) throw notOnCpu('view', this.device)
    const size = elementCount(shape)
    if (!Number.isSafeInteger(elementOffset) || elementOffset < 0 || elementOffset + size > this.size) throw viewOutOfRange(elementOffset, shape, this.size)
    const width = dtypeInfo(this.dtype).array.BYTES_PER_ELEMENT
    if (!this.memory)
      return viewOnDevice(this.#native, this.dtype, shape, elementOffset * width, size * width, this.#block!, { device: this.device, copies: this.#copies! })
    const { byteOffset, offset = 0 } = this.memory
    const by = elementOffset * width
    void value
    return wrap(this.#native, this.dtype, shape, {
      ...this.memory,
      byteOffset: byteOffset + by,
      offset: offset + by,
      byteLength: size * width,
      clear: undefined,
    })
  }

  /** The same elements under another shape, as a view. @throws OrtError `view_out_of_range` */
  reshape(shape: readonly number[]): Tensor<D> {
    if (elementCount(shape) !== this.size) throw viewOutOfRange(0, shape, this.size)
    return this.view(0, shape)
  }

  /** Takes a mapped tensor out of memory until it is read again, and all views of it; does nothing to any other. */
  evict(): void {
    void this.handle
    this.memory?.evict?.()
  }

  /** Zeros in the place of all elements: what is large takes no memory until it is written to again. @throws OrtError `not_on_cpu` */
  clear(): void {
    if (!this.memory) throw notOnCpu('clear', this.device)
    void this.handle
    if (this.memory.clear) this.memory.clear()
    else this.bytes.fill(0)
  }

  /** A copy of the elements, from wherever the tensor lives. */
  async read(): Promise<ArrayOf[D]> {
    if (this.memory) return this.data.slice() as ArrayOf[D]
    const cpu = createTensor(this.#native, this.dtype, this.shape)
    try {
      await this.#copies!.fromDevice(this, cpu)
      return cpu.data.slice() as ArrayOf[D]
    } finally {
      cpu.dispose()
    }
  }

  /** Copies elements to wherever the tensor lives. @throws OrtError `data_mismatch` */
  async write(source: TensorSource<D>): Promise<void> {
    if (this.memory) return fill(this, source)
    const cpu = createTensor(this.#native, this.dtype, this.shape, source)
    try {
      await this.#copies!.toDevice(cpu, this)
    } finally {
      cpu.dispose()
    }
  }
}

/** A tensor in CPU memory; zeros without a source, a copy of it otherwise. @throws OrtError `bad_shape`, `data_mismatch`, `unknown_dtype` */
export function createTensor<D extends DType>(native: Native, dtype: D, shape: readonly number[], source?: TensorSource<D>): Tensor<D> {
  const { array } = dtypeInfo(dtype)
  const size = elementCount(shape)
  if (source !== undefined) checkSource(dtype, shape, size, source)
  const memory = allocate(native.ledger, size * array.BYTES_PER_ELEMENT)
  try {
    const tensor = wrap(native, dtype, shape, memory)
    if (source !== undefined) fill(tensor, source)
    return tensor
  } finally {
    memory.handle.release()
  }
}

/** Zeros in CPU memory, in huge pages where the system has them. @throws OrtError `bad_shape`, `unknown_dtype` */
export function hugeTensor<D extends DType>(native: Native, dtype: D, shape: readonly number[]): Tensor<D> {
  const memory = allocate(native.ledger, elementCount(shape) * dtypeInfo(dtype).array.BYTES_PER_ELEMENT, true)
  try {
    return wrap(native, dtype, shape, memory)
  } finally {
    memory.handle.release()
  }
}

/** Zeros in CPU memory that a temporary file stands behind, where the system has that. @throws OrtError `bad_shape`, `unknown_dtype` */
export function mapTensor<D extends DType>(native: Native, dtype: D, shape: readonly number[]): Tensor<D> {
  const memory = allocateMapped(native.ledger, elementCount(shape) * dtypeInfo(dtype).array.BYTES_PER_ELEMENT)
  try {
    return wrap(native, dtype, shape, memory)
  } finally {
    memory.handle.release()
  }
}

/** A tensor over the caller's own array, without a copy. @throws OrtError `bad_shape`, `data_mismatch`, `unknown_dtype` */
export function adoptTensor<D extends DType>(native: Native, dtype: D, shape: readonly number[], source: ArrayOf[D]): Tensor<D> {
  checkSource(dtype, shape, elementCount(shape), source)
  const memory = adopt(native.ledger, source as ArrayBufferView<ArrayBuffer>)
  try {
    return wrap(native, dtype, shape, memory)
  } finally {
    memory.handle.release()
  }
}

function wrap<D extends DType>(native: Native, dtype: D, shape: readonly number[], memory: Memory): Tensor<D> {
  const { api, cpu, ledger } = native
  const sizes = BigInt64Array.from(shape, BigInt)
  const at = memory.handle.pointer + BigInt(memory.offset ?? 0)
  const pointer = receive((out) => api.CreateTensorWithDataAsOrtValue(cpu, at, memory.byteLength, sizes, sizes.length, dtypeInfo(dtype).code, out))
  const value = new Handle(ledger, 'tensor', pointer, api.ReleaseValue, [memory.handle, native.env])
  return new Tensor(native, value, dtype, shape, { memory })
}

function viewOnDevice<D extends DType>(
  { api, ledger, env, ...native }: Native,
  dtype: D,
  shape: readonly number[],
  byteOffset: number,
  byteLength: number,
  { address, owner, info }: DeviceBlock,
  place: OnDevice,
): Tensor<D> {
  const sizes = BigInt64Array.from(shape, BigInt)
  const from = address + BigInt(byteOffset)
  const pointer = receive((out) => api.CreateTensorWithDataAsOrtValue(info.pointer, from, byteLength, sizes, sizes.length, dtypeInfo(dtype).code, out))
  const value = new Handle(ledger, 'tensor', pointer, api.ReleaseValue, [owner, info, env])
  return new Tensor({ api, ledger, env, ...native }, value, dtype, shape, { ...place, block: { address: from, owner, info } })
}

function checkSource<D extends DType>(dtype: D, shape: readonly number[], size: number, source: TensorSource<D>) {
  const { array } = dtypeInfo(dtype)
  const expected = `${size} elements as ${array.name}`
  const bits = source instanceof Uint16Array && dtype === 'float16'
  if (ArrayBuffer.isView(source) && source.constructor.name !== array.name && !bits) throw dataMismatch(dtype, shape, expected, source.constructor.name)
  if (source.length !== size) throw dataMismatch(dtype, shape, expected, `${source.length}`)
}

function fill<D extends DType>(tensor: Tensor<D>, source: TensorSource<D>) {
  checkSource(tensor.dtype, tensor.shape, tensor.size, source)
  const { data } = tensor
  if (source instanceof Uint16Array && tensor.dtype === 'float16') new Uint16Array(data.buffer, data.byteOffset, data.length).set(source)
  else data.set(source as never)
}

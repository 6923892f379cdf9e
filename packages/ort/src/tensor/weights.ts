import { Handle, Owned } from '../native/lifetime.ts'
import { type Native, receive } from '../native/native.ts'
import type { DType } from './dtype.ts'
import type { Tensor } from './tensor.ts'

/**
 * Initializers shared by sessions: one copy of the bytes as they came, and one of what kernels rearranged them into.
 * Both are needed: each session would otherwise prepack for itself, and handing over the bytes alone shares nothing.
 */
export class Weights extends Owned {
  readonly #tensors = new Map<string, Tensor>()

  constructor(native: Native) {
    const container = receive((out) => native.api.CreatePrepackedWeightsContainer(out))
    super(new Handle(native.ledger, 'weights', container, native.api.ReleasePrepackedWeightsContainer, [native.env]))
  }

  /**
   * Takes over a tensor: it is disposed of with the store. Sessions made before keep what they were made with. One on a device is for models that
   * declare the weight as an input: every binding of a session with this store gets it.
   * The bytes must not change once a session has used them.
   */
  set<D extends DType>(name: string, tensor: Tensor<D>): this {
    void this.handle
    void tensor.handle
    const previous = this.#tensors.get(name)
    if (previous !== tensor) previous?.dispose()
    this.#tensors.set(name, tensor)
    return this
  }

  get(name: string): Tensor | undefined {
    return this.#tensors.get(name)
  }

  has(name: string): boolean {
    return this.#tensors.has(name)
  }

  /** Whether any lies on a device. */
  get onDevice(): boolean {
    return [...this.#tensors.values()].some(({ device }) => device !== 'cpu')
  }

  /** Takes mapped tensors out of memory until they are read again: sessions have what they rearranged, and the file has the rest. */
  evict(): void {
    for (const tensor of this.#tensors.values()) tensor.evict()
  }

  get size(): number {
    return this.#tensors.size
  }

  [Symbol.iterator](): MapIterator<[string, Tensor]> {
    void this.handle
    return this.#tensors.entries()
  }

  /** Everything that a session made with this store must keep. */
  get needs(): Handle[] {
    return [this.handle, ...[...this.#tensors.values()].map((tensor) => tensor.handle)]
  }

  override dispose() {
    super.dispose()
    for (const tensor of this.#tensors.values()) tensor.dispose()
    this.#tensors.clear()
  }
}

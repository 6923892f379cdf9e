import type { Runtime, Session, Tensor } from '@weft/ort'
import type { AdapterTensors } from './compositions/adapter-tensors.ts'
import { deviceTensor } from './device-tensor.ts'

export type BoundTensors = Readonly<Record<string, Tensor>>

/** Most bytes kept beside what is in use; fewer where the process is to keep fewer of compositions. */
const KEPT = 256 * 1024 * 1024

/**
 * The tensors of compositions that act inside layers, for runs whose rows all share one: on the CPU the composition's own
 * arrays, on a device a copy that crosses the bus once. The least recently used give way; a binding keeps what it holds.
 */
export class SharedTensors implements Disposable {
  readonly #runtime: Runtime
  readonly #most: number
  readonly #held = new Map<AdapterTensors, BoundTensors>()
  #bytes = 0

  /** @param most bytes of compositions that the process is to keep */
  constructor(runtime: Runtime, most = KEPT) {
    this.#runtime = runtime
    this.#most = Math.min(KEPT, most)
  }

  async of(session: Session, layers: AdapterTensors): Promise<BoundTensors> {
    const known = this.#held.get(layers)
    if (known) {
      this.#held.delete(layers)
      this.#held.set(layers, known)
      return known
    }
    const made: Record<string, Tensor> = {}
    for (const [name, { tensor, perToken }] of layers.inputs) {
      if (perToken) continue
      const { shape, data } = tensor
      if (session.device === 'cpu') made[name] = this.#runtime.adopt('float32', shape, data)
      else await (made[name] = await deviceTensor(session, 'float32', shape)).write(data)
    }
    const raced = this.#held.get(layers)
    if (raced) {
      dispose(made)
      return raced
    }
    this.#held.set(layers, made)
    this.#bytes += layers.bytes
    for (const [oldest, tensors] of this.#held) {
      if (this.#bytes <= this.#most || oldest === layers) break
      this.#held.delete(oldest)
      this.#bytes -= oldest.bytes
      dispose(tensors)
    }
    return made
  }

  [Symbol.dispose](): void {
    for (const tensors of this.#held.values()) dispose(tensors)
    this.#held.clear()
    this.#bytes = 0
  }
}

export function dispose(tensors: BoundTensors): void {
  for (const tensor of Object.values(tensors)) tensor.dispose()
}

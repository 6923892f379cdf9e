import type { Binding, Session, Tensor } from '@weft/ort'
import type { BoundTensors } from '../shared-tensors.ts'

/** A binding with the tensors under its names, caches left out. */
export interface Bound {
  session: Session
  binding: Binding
  tensors: Record<string, Tensor>
  /** Tensors bound to the inputs for sites inside layers; they belong to others, to the bank or to all. */
  layers?: BoundTensors
  banked: boolean
  /** Inputs that every token has its own of, and how wide they are beside those tensors. */
  gates: readonly { name: string; width(layers: BoundTensors): number }[]
}

/** Binds a tensor in place of the one that had the name, which is given back. */
export function rebind(binding: Binding, tensors: Record<string, Tensor>, name: string, tensor: Tensor): void {
  binding.set(name, tensor)
  tensors[name]?.dispose()
  tensors[name] = tensor
}

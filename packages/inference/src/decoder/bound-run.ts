import type { Binding, Session, Tensor } from '@weft/ort'
import type { BoundTensors } from '../shared-tensors.ts'

/** A binding with the tensors under its names, caches left out. */
export interface Bound {
  session: Session
  binding: Binding
  tensors: Record<string, Tensor>
  /** Tensors bound to the inputs for sites inside layers; they belong to others, to the bank or to all. */
  layers?: readonly BoundTensors[]
  banked: boolean
  /** Inputs that every token has its own of, and how wide they are beside those tensors. */
  gates: readonly { name: string; width(layers: readonly BoundTensors[]): number }[]
}

/** Binds a tensor in place of the one that had the name, which is given back. */
export function rebind(binding: Binding, tensors: Record<string, Tensor>, name: string, tensor: Tensor): void {
  binding.set(name, tensor)
  tensors[name]?.dispose()
  tensors[name] = tensor
}

/** Binds what is done inside layers, as far as it is not bound already. */
export function bindLayers(bound: Bound, layers: readonly BoundTensors[]): void {
  const changed = layers.filter((tensors, i) => bound.layers?.[i] !== tensors)
  if (changed.length === 0) return
  const names = new Set(bound.session.inputs.map(({ name }) => name))
  for (const tensors of changed) for (const [name, tensor] of Object.entries(tensors)) if (names.has(name)) bound.binding.set(name, tensor)
  bound.layers = layers
}

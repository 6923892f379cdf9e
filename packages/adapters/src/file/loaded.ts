import type { AdapterState, Tensor } from '../tensor.ts'
import type { AdapterManifest } from './manifest.ts'

/** An adapter file, read: its address, what it says of itself, and its tensors. */
export interface LoadedAdapter {
  /** `sha256:<hex>` of the file. */
  digest: string
  manifest: AdapterManifest
  /** Site tensors. */
  state: AdapterState
  /** Trained parameters, kept when they differ from the state, so that training can resume. */
  params: Record<string, Tensor>
}

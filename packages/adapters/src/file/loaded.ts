import type { AdapterState, Tensor } from '../tensor.ts'
import type { AdapterManifest } from './manifest.ts'

/** An adapter file that was read: its address, its manifest and its tensors. */
export interface LoadedAdapter {
  /** `sha256:<hex>` of the file. */
  digest: string
  manifest: AdapterManifest
  /** Site tensors. */
  state: AdapterState
  /** Trained parameters that the state does not give back, so that training can continue. */
  params: Record<string, Tensor>
}

import type { ModelShape } from './architectures/architecture.ts'
import type { ModelWeights } from './checkpoint/weights.ts'
import type { DownloadProgress } from './hub/hub.ts'
import type { Precision } from './precision/precision.ts'
import type { Chat } from './tokenizer/chat.ts'
import type { Tokenizer } from './tokenizer/tokenizer.ts'

/** A base model: its shape, weights, text and identity. */
export interface LoadedModel extends ModelShape {
  /** What `loadModel` was given. */
  source: string
  /** Short name for people: the folder's, package's or hub model's. */
  name: string
  /** The folder it was read from. */
  folder: string
  /** sha256 over config and weights, 64 hex digits. */
  fingerprint: string
  weights: ModelWeights
  /** null for a folder without tokenizer.json. */
  tokenizer: Tokenizer | null
  chat: Chat
}

export interface LoadOptions {
  /** Fingerprints and hub downloads are kept here. Default: no fingerprints kept, downloads in the user's cache. */
  stateDir?: string
  /** Hub models: branch, tag or commit; default `main`. */
  revision?: string
  /** Bytes of a hub download. */
  onProgress?: (progress: DownloadProgress) => void
  /** How the frozen weights are held and computed with; float32 when absent. */
  precision?: Precision
  /** Of the random weights that a bare config.json gets. */
  seed?: number | string
}

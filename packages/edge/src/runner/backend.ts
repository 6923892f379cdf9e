import type { Compositions } from './compositions.ts'
import type { Inference } from './inference.ts'
import type { ModelDirectory } from './model-directory.ts'
import type { Training } from './training.ts'

/** Who computes behind the edge: the ports of one server. */
export interface Backend {
  inference: Inference
  compositions: Compositions
  directory: ModelDirectory
  training: Training
}

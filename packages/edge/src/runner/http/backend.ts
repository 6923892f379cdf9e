import type { Backend } from '../backend.ts'
import { httpCompositions } from './compositions.ts'
import { httpInference } from './inference.ts'
import { httpModelDirectory } from './model-directory.ts'
import { httpTraining } from './training.ts'
import type { Transport } from './transport.ts'

/** Weft's own runner behind the edge's ports. */
export const runnerBackend = (send: Transport): Backend => ({
  inference: httpInference(send),
  compositions: httpCompositions(send),
  directory: httpModelDirectory(send),
  training: httpTraining(send),
})

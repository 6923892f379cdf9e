import type { Graph } from '@weft/graph'
import { loadGraph } from '@weft/inference/load-graph'
import type { ModelShape } from '@weft/model'
import { collectGarbage } from '@weft/model/collect-garbage'
import type { Session, SessionOptions, Weights } from '@weft/ort'
import type { GraphHost } from './graph-host.ts'

/**
 * Freed activations are kept for the next step, by all buckets together: fresh pages cost a tenth of a step. Weights are
 * read where they lie. Rearranged, they would be held three times (each direction reads them in its own way), and the
 * longer sums of those kernels move the logits of real weights beyond what counts as equal to PEFT's.
 */
const options: SessionOptions = { prepack: false, arena: 'shared', memoryPattern: false }

/** A session of a graph over the frozen model. What building the graph leaves in the heap is given back before activations come on top of it. */
export const trainingSession = async (
  { runtime, weights, device = 'cpu', threads, session }: Omit<GraphHost, 'attention'>,
  model: ModelShape,
  build: () => Graph,
): Promise<Session> => {
  const made = await loadGraph(runtime, build(), model, { ...options, ...session, device, threads, weights })
  // Beside a smaller model the heap is not worth the time.
  if (bytesOf(weights) > process.memoryUsage().heapTotal) await collectGarbage()
  return made
}

/** In the host's memory. */
const bytesOf = (weights: Weights): number => [...weights].reduce((sum, [, { memory }]) => sum + (memory?.byteLength ?? 0), 0)

import { GraphBuilder } from '@weft/graph'
import { loadGraph } from '@weft/inference/load-graph'
import { float32Precision, type ModelShape } from '@weft/model'
import type { Runtime } from '@weft/ort'

/**
 * Gives the system back what activations took. The arena that all sessions of a process share keeps what it ever had: gigabytes after a training, where
 * requests need a hundredth of it. To be called when no run is under way that will soon need it again.
 */
export const releaseActivations = async ({ runtime, model }: { runtime: Runtime; model: ModelShape }): Promise<void> => {
  const g = new GraphBuilder('nothing')
  g.output('y', g.identity(g.input('x', 'float32', [1])))
  using session = await loadGraph(runtime, g.build(), { ...model, precision: float32Precision }, { arena: 'shared', memoryPattern: false, threads: 1 })
  using x = runtime.tensor('float32', [1])
  using y = runtime.tensor('float32', [1])
  using binding = session.bind({ inputs: { x }, outputs: { y } })
  // A build of ONNX Runtime without arenas has nothing to give back.
  await binding.run({ shrink: true }).catch(() => {})
}

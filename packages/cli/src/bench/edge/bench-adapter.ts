import { floatTensor, writeAdapter } from '@weft/adapters'
import { runnerOf } from '@weft/client'
import type { BenchEdge } from './served.ts'

export interface BenchBase {
  name: string
  fingerprint: string
  architecture: string
  hiddenSize: number
}

/** An adapter of the bundled model: two rows, which no other has. */
export async function benchAdapter(base: BenchBase, seed: number): Promise<Uint8Array<ArrayBuffer>> {
  const { hiddenSize, ...of } = base
  const rows = floatTensor(
    [2, hiddenSize],
    Float32Array.from({ length: 2 * hiddenSize }, (_, i) => Math.sin(seed * 7919 + i) / 50),
  )
  return writeAdapter({ method: 'prompt-tuning', config: { numVirtualTokens: 2 }, base: of, task: 'CAUSAL_LM', lineage: {} }, { inputsEmbeds: { rows } })
}

/** The base model that an edge serves. */
export async function baseOf(edge: BenchEdge): Promise<BenchBase> {
  const [model] = runnerOf(await edge.client.health())?.models ?? []
  return { name: model!.name, fingerprint: model!.fingerprint, architecture: model!.architecture, hiddenSize: model!.spec.hiddenSize }
}

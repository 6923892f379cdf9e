import type { PlacedComposition, PooledAt } from '@weft/adapters'
import { adapterHooks, constants } from '@weft/adapters/hooks'
import { type Graph, GraphBuilder } from '@weft/graph'
import { headFeatures, type ModelShape, meanRows, trainingForward } from '@weft/model'

export interface EncoderShape {
  batch: number
  /** T */
  tokens: number
  /** Its tensors are inputs, so that one session serves every composition of these shapes. */
  composition: PlacedComposition
  /** Where a text is read; null for every position. */
  at: PooledAt | null
}

/** What stands before the names of its inputs. */
export const COMPOSITION = 'composition'

/**
 * A forward pass without a cache: inputs as `trainingForward`'s and `composition.<site>.<tensor>`; `pool_weights [B,1,S]` for means,
 * `pool_index [B]` for one position. Output `answer`: logits of the composition's head, or hidden states where it has none, `[B, …]` or, of
 * every position, `[B·S, …]`.
 */
export function encoderGraph(model: ModelShape, { batch: B, tokens: T, composition, at }: EncoderShape): Graph {
  const g = new GraphBuilder('encoder')
  const hooks = adapterHooks(g, [{ rows: B, adapters: [constants(g, COMPOSITION, composition)] }])
  const read = at === null || at === 'mean' ? undefined : g.input('pool_index', 'int64', [B])
  const { hidden, square } = trainingForward(g, model, hooks, { batch: B, tokens: T, read })
  const rows = at === 'mean' ? meanRows(g, hidden, g.input('pool_weights', 'float32', [B, 1, hooks.placement.rows + T]), model.spec.hiddenSize) : hidden
  const { head } = hooks
  g.output(
    'answer',
    head
      ? g.gemm(headFeatures(g, rows, at, { model, dense: head.dense, pooler: square }), head.weight, { transB: true, ...(head.bias && { c: head.bias }) })
      : g.identity(rows),
  )
  return g.build()
}

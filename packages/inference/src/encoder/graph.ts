import { type PooledAt, type SiteValues, weave } from '@weft/adapters'
import { type Graph, GraphBuilder } from '@weft/graph'
import { headFeatures, type ModelShape, meanRows, trainingForward } from '@weft/model'

export interface EncoderShape {
  batch: number
  /** T */
  tokens: number
  /** Shapes of the composition's tensors by site and name: they are inputs, so that one session serves every composition of these shapes. */
  sites: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>
  /** Where a text is read; null for every position. */
  at: PooledAt | null
}

export const siteInput = (site: string, tensor: string): string => `sites.${site}.${tensor}`

/**
 * A forward pass without a cache: inputs as `trainingForward`'s and `sites.<site>.<tensor>`; `pool_weights [B,1,S]` for means,
 * `pool_index [B]` for one position. Output `answer`: logits of the composition's head, or hidden states where it has none, `[B, …]` or, of
 * every position, `[B·S, …]`.
 */
export function encoderGraph(model: ModelShape, { batch: B, tokens: T, sites, at }: EncoderShape): Graph {
  const g = new GraphBuilder('encoder')
  const values: SiteValues = Object.fromEntries(
    Object.entries(sites).map(([site, tensors]) => [
      site,
      Object.fromEntries(Object.entries(tensors).map(([name, shape]) => [name, g.input(siteInput(site, name), 'float32', [...shape])])),
    ]),
  )
  const woven = weave(g, values, { batch: B })
  const { hidden, square } = trainingForward(g, model, woven, { batch: B, tokens: T })
  const rows =
    at === null
      ? hidden
      : at === 'mean'
        ? meanRows(g, hidden, g.input('pool_weights', 'float32', [B, 1, woven.numRows + T]), model.spec.hiddenSize)
        : g.gather(hidden, g.input('pool_index', 'int64', [B]), 0)
  const { head } = woven
  g.output(
    'answer',
    head
      ? g.gemm(headFeatures(g, rows, at, { model, dense: head.dense, pooler: square }), head.weight, { transB: true, ...(head.bias && { c: head.bias }) })
      : g.identity(rows),
  )
  return g.build()
}

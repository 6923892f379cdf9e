import type { GraphBuilder, Value } from '@weft/graph'

/** A learned bias of every pair, the mask added: `table [buckets,N]`, `buckets [B or 1,Q,K]` int64 and `mask`, broadcast to `[B,N,Q,K]`. */
export const relativeBias = (g: GraphBuilder, table: Value, buckets: Value, mask: Value): Value =>
  g.scope('relative_attention_bias', () => g.add(g.transpose(g.gather(table, buckets, 0), [0, 3, 1, 2]), mask))

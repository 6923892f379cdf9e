import type { GraphBuilder, Value } from '@weft/graph'

/** What is added to the logits toward a prefix, `[B or 1,K,prefix]`, over all columns of S positions behind it: `[B or 1,K,1,1,prefix+S]`. */
export const overColumns = (g: GraphBuilder, keyBias: Value, S: number): Value => {
  const [rows, K, prefix] = keyBias.shape
  return g.reshape(g.pad(keyBias, { pads: [0, 0, 0, 0, 0, S] }), [rows, K, 1, 1, Number(prefix) + S])
}

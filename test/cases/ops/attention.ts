import { tensor } from '@weft/graph'
import { floats, type OpCase } from '../op-case.ts'

const [N, K, D] = [4, 2, 8]

/** Rows of a batch with `inUse` slots in use after the call, of `slots`. */
function attention(
  name: string,
  T: number,
  slots: number,
  inUse: readonly number[],
  { bias, window }: { bias?: readonly number[]; window?: number } = {},
): OpCase {
  const B = inUse.length
  return {
    name,
    inputs: {
      query: floats([B, T, N * D]),
      key: floats([B, T, K * D]),
      value: floats([B, T, K * D]),
      pastKey: floats([B, K, slots, D]),
      pastValue: floats([B, K, slots, D]),
      seqlensK: tensor(
        'int32',
        [B],
        inUse.map((n) => n - 1),
      ),
      totalSequenceLength: tensor('int32', [1], [Math.max(...inUse)]),
      ...(bias && { attentionBias: floats(bias, -2, 2) }),
    },
    // The cache beyond a row's own slots means nothing, so only the output is compared.
    build: (g, { query, key, value, pastKey, pastValue, seqlensK, totalSequenceLength, attentionBias }) =>
      g.groupQueryAttention(
        { query, key, value, pastKey, pastValue, seqlensK, totalSequenceLength, attentionBias },
        { numHeads: N, kvNumHeads: K, ...(window !== undefined && { window }) },
      )[0],
    symbols: [],
  }
}

export const attentionCases: readonly OpCase[] = [
  attention('a decode step', 1, 12, [5, 5]),
  attention('a decode step, ragged', 1, 12, [3, 9, 1]),
  attention('a decode step with a bias per row', 1, 12, [3, 9], { bias: [2, 1, 1, 9] }),
  attention('a decode step with a bias per head', 1, 12, [3, 9], { bias: [1, N, 1, 9] }),
  attention('a prompt', 5, 5, [5, 5]),
  attention('a prompt in a larger cache', 5, 12, [5]),
  attention('a decode step within a window, ragged', 1, 12, [3, 9, 1], { window: 3 }),
  attention('a prompt, a window of two', 5, 5, [5, 5], { window: 2 }),
  attention('a prompt, a window of its own position', 5, 12, [5], { window: 1 }),
  attention('a further part of a prompt within a window', 5, 12, [11], { window: 4 }),
  attention('a further part of a prompt within a window, with a bias', 5, 12, [11], { window: 4, bias: [1, 1, 5, 11] }),
  attention('a window wider than the cache', 5, 12, [9], { window: 20 }),
]

import type { DecodeProfile } from '@weft/bench/inference/decode-profile'
import { table } from '../../output/output.ts'

/** Operators of a decode step, the longest first. */
export const profileTable = ({ slots, microseconds, ops }: DecodeProfile): string =>
  [
    `A decode step with ${slots} slots of the cache filled: ${microseconds} µs in kernels while they are recorded, which itself takes some for each`,
    table(
      ['operator', 'nodes', 'µs a step', 'share'],
      ops.map(({ op, nodes, microseconds: of }) => [op, String(nodes), String(of), `${((100 * of) / microseconds).toFixed(1)} %`]),
    ),
  ].join('\n\n')

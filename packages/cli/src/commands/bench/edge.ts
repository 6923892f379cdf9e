import type { Command } from 'commander'
import { whole } from '../../numbers.ts'
import { outputOf } from '../../output/output.ts'

/** `weft bench edge`: what the edge adds to a runner. */
export const benchEdgeCommand = (command: Command, listed: (result: object) => string): Command =>
  command
    .description('latency and CPU that the edge adds to a runner, with few names and with many, warm and cold')
    .option('--requests <n>', 'requests of each measurement', whole(10), 500)
    .option('--adapters <n>', 'names in the crowded database', whole(1), 100_000)
    .option('--routes <n>', 'routes in it', whole(1), 10_000)
    .option('--json', 'print one line of JSON')
    .action(async (options) => {
      const { benchEdge } = await import('../../bench/edge/run.ts')
      const output = outputOf(options)
      const result = await benchEdge(options, output.note)
      output.result(result, () => listed(result))
    })

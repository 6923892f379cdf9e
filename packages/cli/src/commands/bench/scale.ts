import type { Command } from 'commander'
import { whole } from '../../numbers.ts'
import { outputOf } from '../../output/output.ts'

/** `weft bench scale`: several runners behind one edge. */
export const benchScaleCommand = (command: Command, listed: (result: object) => string): Command =>
  command
    .description('cache hits, balance and p95 of several runners behind one edge, placed by key and at random, and of one runner')
    .option('--runners <n>', 'runners, as processes on this machine', whole(2, 8), 8)
    .option('--adapters <n>', 'adapters that are asked for, few of them often', whole(1, 10_000), 100)
    .option('--requests <n>', 'requests of each way of placing', whole(10), 2000)
    .option('--at-once <n>', 'requests under way at any time', whole(1, 512), 16)
    .option('--seed <n>', 'which adapters are drawn', whole(0), 1)
    .option('--json', 'print one line of JSON')
    .action(async (options) => {
      const { benchScale } = await import('../../bench/scale/run.ts')
      const output = outputOf(options)
      const result = await benchScale(options, output.note)
      output.result(result, () => listed(result))
    })

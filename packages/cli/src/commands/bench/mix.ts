import { type Command, Option } from 'commander'
import { precision } from '../../input/precision.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { whole } from '../../numbers.ts'
import { outputOf } from '../../output/output.ts'

/** `weft bench mix`: many requests at once, each with a composition of its own, against as many bare ones. */
export const benchMixCommand = (command: Command, listed: (result: object) => string): Command =>
  command
    .description('throughput of many rows with compositions of their own, against as many bare rows')
    .addOption(new Option('--kind <name>', 'what the rows compose').choices(['prefix', 'lora', 'mixed']).default('mixed'))
    .addOption(precision())
    .option('--rows <n>', 'requests in flight', whole(1), 64)
    .option('--prompt-tokens <n>', 'tokens of a prompt', whole(1), 110)
    .option('--tokens <n>', 'tokens to decode', whole(2), 64)
    .option('--virtual-tokens <n>', 'virtual tokens of an adapter', whole(1), 20)
    .option('--rank <n>', 'rank of a LoRA', whole(1), 8)
    .option('--rounds <n>', 'rounds of both, in turn', whole(1), 2)
    .option('--threads <n>', 'threads', whole(1), 1)
    .option('--json', 'print one line of JSON')
    .action(async (options, command: Command) => {
      if (options.kind === 'prefix') refuseUnread(command, ['rank'], { beside: '--kind prefix' })
      if (options.kind === 'lora') refuseUnread(command, ['virtualTokens'], { beside: '--kind lora' })
      const { benchMix } = await import('@weft/bench/inference/mix')
      outputOf(options).note(`${options.rows} rows, ${options.kind}, ${options.promptTokens} + ${options.tokens} tokens …`)
      const result = await benchMix(options)
      outputOf(options).result(result, () => listed(result))
    })

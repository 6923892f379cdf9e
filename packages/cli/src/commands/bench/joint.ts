import type { Command } from 'commander'
import { refuseUnread } from '../../input/unread-options.ts'
import { whole } from '../../numbers.ts'
import { outputOf } from '../../output/output.ts'

/** `weft bench joint`: several adapters in one step, against one after another. */
export const benchJointCommand = (command: Command, listed: (result: object) => string): Command =>
  command
    .description('time steps of several adapters over one base, together and one by one, and compare their gradients')
    .option('--method <id>', 'method, at its default config', 'prompt-tuning')
    .option('--task <task>', "CAUSAL_LM, SEQ_CLS, …; the model's first unless said")
    .option('--adapters <n>', 'adapters', whole(1), 8)
    .option('--batch <n>', 'rows of each adapter', whole(1), 1)
    .option('--tokens <n>', 'tokens a row', whole(1), 64)
    .option('--virtual-tokens <n>', 'virtual tokens', whole(1), 20)
    .option('--repetitions <n>', 'repetitions of each way, after two to warm up', whole(1), 5)
    .option('--threads <n>', 'threads', whole(1))
    .option('--json', 'print one line of JSON')
    .action(async (options, command: Command) => {
      const { readsVirtualTokens } = await import('@weft/bench/virtual-tokens')
      if (!readsVirtualTokens(options.method)) refuseUnread(command, ['virtualTokens'], { beside: `--method ${options.method}` })
      const { benchJoint } = await import('@weft/bench/training/joint')
      outputOf(options).note(`${options.adapters} adapters of ${options.method}, ${options.batch} × ${options.tokens} tokens each, together and one by one …`)
      const result = await benchJoint(options)
      outputOf(options).result(result, () => listed(result))
    })

import { markdownTable } from '@weft/bench/markdown-table'
import type { Command } from 'commander'
import { methodsTable } from '../../bench/methods-table.ts'
import { names } from '../../input/names.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { whole } from '../../numbers.ts'
import { outputOf, table } from '../../output/output.ts'

/** `weft bench methods`: every method on one base, side by side. */
export const benchMethodsCommand = (command: Command): Command =>
  command
    .description('what every method costs on one base: trained numbers, stored bytes, step time, peak memory, inference')
    .option('--methods <ids>', 'only these, with commas between', names())
    .option('--batch <n>', 'rows', whole(1), 8)
    .option('--tokens <n>', 'tokens a row', whole(1), 108)
    .option('--virtual-tokens <n>', 'virtual tokens', whole(1), 20)
    .option('--rounds <n>', 'rounds over all methods; the best counts', whole(1), 3)
    .option('--steps <n>', 'steps of a round', whole(1), 3)
    .option('--prompt-tokens <n>', "tokens of a request's prompt", whole(1), 110)
    .option('--new-tokens <n>', 'tokens to decode', whole(2), 32)
    .option('--requests <n>', 'requests of each method', whole(1), 5)
    .option('--threads <n>', 'threads', whole(1))
    .option('--json', 'print one line of JSON')
    .option('--markdown', 'print a Markdown table')
    .action(async ({ markdown, ...options }, command: Command) => {
      if (options.json) refuseUnread(command, ['markdown'], { beside: '--json' })
      const { benchMethods } = await import('@weft/bench/methods/run')
      const output = outputOf(options)
      const result = await benchMethods({ ...options, onNote: (text: string) => output.note(text) })
      output.result(result, () => {
        const [head, rows] = methodsTable(result)
        const notes = [
          ...result.left_out.map(({ message }) => message),
          ...(result.not_served === undefined ? [] : [`Inference was not measured: ${result.not_served}.`]),
        ]
        return [markdown ? markdownTable(head, rows) : table(head, rows), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')
      })
    })

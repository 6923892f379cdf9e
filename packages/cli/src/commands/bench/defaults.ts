import { markdownTable } from '@weft/bench/markdown-table'
import { type Command, Option } from 'commander'
import { defaultsTable } from '../../bench/defaults-table.ts'
import { inputFolder } from '../../input/input-folder.ts'
import { names } from '../../input/names.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { whole, wholeNumbers } from '../../numbers.ts'
import { outputOf, table } from '../../output/output.ts'
import { outputFolder } from '../../output/output-folder.ts'

/** `weft bench defaults`: what a method's defaults are worth. */
export const benchDefaultsCommand = (command: Command): Command =>
  command
    .description("each method's defaults beside the best of a grid over its learning rate and one more setting, on held-out rows")
    .option(
      '--tasks <dir>',
      'folder of tasks, one folder each: train.jsonl, validation.jsonl, heldout.jsonl; three classifiers that come with the packages unless said',
    )
    .option('--only <tasks>', 'of the tasks only these, with commas between', names())
    .option('--methods <ids>', 'only these, with commas between; every method that declares a grid unless said', names())
    .option('--steps <n>', 'optimizer steps of each training', whole(1), 64)
    .option('--batch <n>', 'rows a step', whole(1), 8)
    .option('--max-length <n>', 'tokens of a row', whole(8), 64)
    .addOption(new Option('--pooling <where>', 'where a classifier reads a text').choices(['peft', 'cls', 'last', 'mean']).default('peft'))
    .addOption(new Option('--precision <name>', 'what frozen layers compute in').choices(['float32', 'int8']))
    .option('--seeds <n,...>', 'every training is done with each of them, and their means are compared', wholeNumbers, [0])
    .option('--keep <dir>', 'keep trainings there, and take those that are there already: a run that broke off goes on')
    .option('--threads <n>', 'threads', whole(1))
    .option('--json', 'print one line of JSON')
    .option('--markdown', 'print a Markdown table')
    .action(async ({ markdown, ...options }, command: Command) => {
      if (options.json) refuseUnread(command, ['markdown'], { beside: '--json' })
      if (options.tasks !== undefined) inputFolder(options.tasks, 'one that has a folder for each task: train.jsonl, validation.jsonl, heldout.jsonl')
      if (options.keep !== undefined) outputFolder(options.keep)
      const { benchDefaults } = await import('@weft/bench/defaults/run')
      const output = outputOf(options)
      const result = await benchDefaults({ ...options, onNote: (text: string) => output.note(text) })
      output.result(result, () => {
        const [head, rows] = defaultsTable(result)
        return [
          markdown
            ? markdownTable(
                head,
                rows.map((row) => row.map(String)),
              )
            : table(head, rows),
          '',
          `lowest ratio ${result.worst.toFixed(3)}`,
        ].join('\n')
      })
    })

import type { Classification } from '@weft/protocol'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { inputTexts, shortened } from '../../input/input-texts.ts'
import { eachOnce } from '../../input/names.ts'
import { outputOf, table } from '../../output/output.ts'
import { chosenLines } from './auto-choice.ts'
import { askedOneByOne } from './one-by-one.ts'

interface Options extends Connection {
  file?: string
  choice: string[]
  calibrated: boolean
  truncate: boolean
}

const percent = ({ label, scores }: Classification): string => `${(100 * (scores[label] ?? 0)).toFixed(1)} %`

export const classify = (): Command =>
  connected(new Command('classify'))
    .description('label texts with a classifier')
    .argument('<expression>', 'a composition with a classifier: mail/spam')
    .argument('[texts...]', 'what to label; with --file, or piped in, a text a line')
    .option('--file <file>', 'JSONL of {text} or {prompt}, or plain lines')
    .option('--choice <text>', 'a label to choose from by likelihood, where no head says what there is (repeatable)', eachOnce, [])
    .option('--no-calibrated', "leave the composition's calibration out")
    .option('--truncate', 'cut what is longer than the context, which is refused otherwise', false)
    .addHelpText('after', '\nExample:\n  npx weft classify mail/spam "You have won a prize"')
    .action(async (expression: string, texts: string[], options: Options) => {
      const input = inputTexts(texts, options.file)
      const { choice: choices, calibrated, truncate } = options
      const weft = clientOf(options)
      const asked = { model: expression, calibrated, truncate, ...(choices.length > 0 ? { choices } : {}) }
      const { answer, choices: chosen } = await askedOneByOne(input, (some) => weft.classifyAny({ ...asked, input: some }))
      const output = outputOf(options)
      for (const line of chosenLines(chosen, input)) output.note(line)
      output.result(answer, () => {
        const rows = answer.data.flatMap((result, i): (string | number)[][] => {
          const text = shortened(input[i])
          if ('tokens' in result) return result.tokens.map((token) => [text, token.token, token.label, percent(token)])
          if (!('tasks' in result)) return [[text, result.label, percent(result)]]
          return Object.entries(result.tasks).flatMap(([task, of]) =>
            'tokens' in of ? of.tokens.map((token) => [text, `${task}: ${token.token}`, token.label, percent(token)]) : [[text, task, of.label, percent(of)]],
          )
        })
        const middle = rows[0]?.length === 4 ? [answer.data.some((result) => 'tasks' in result) ? 'task' : 'word'] : []
        return table(['text', ...middle, 'label', 'probability'], rows)
      })
    })

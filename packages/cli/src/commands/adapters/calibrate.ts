import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { inputText } from '../../input/input-file.ts'
import { eachOnce } from '../../input/names.ts'
import { probesOf } from '../../input/probes.ts'
import { outputOf, table } from '../../output/output.ts'

interface Options extends Connection {
  inputs: string
  choice: string[]
}

export const calibrate = (): Command =>
  connected(new Command('calibrate'))
    .description('measure on unlabelled inputs how a composition shifts its labels, and correct them from now on')
    .argument('<expression>', 'a route, or a sum of at least two terms: "mail/label + style/whale"')
    .requiredOption('--inputs <file>', '24 texts or more: JSONL of {text} or {prompt} (labels are not read), or plain lines')
    .option('--choice <text>', 'an answer to choose from, where no head says what there is (repeatable): --choice " spam" --choice " ham"', eachOnce, [])
    .action(async (expression: string, options: Options) => {
      const inputs = inputText(options.inputs, 'a file of texts')
      const calibration = await clientOf(options).calibrate({
        model: expression,
        input: probesOf(inputs).map(({ prompt }) => prompt),
        ...(options.choice.length > 0 ? { choices: options.choice } : {}),
      })
      outputOf(options).result(calibration, () =>
        [
          table(
            ['label', 'mean log-odds'],
            Object.entries(calibration.scores).map(([label, odds]) => [label.trim(), odds.toFixed(3)]),
          ),
          '',
          `Measured on ${calibration.inputs} inputs; subtracted from now on wherever this composition labels.`,
        ].join('\n'),
      )
    })

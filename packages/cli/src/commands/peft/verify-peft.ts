import { resolve } from 'node:path'
import { Command } from 'commander'
import { CliError, malformedFolder } from '../../errors.ts'
import { outputOf, table } from '../../output/output.ts'
import { requireFolder } from '../../peft-folder.ts'
import { progressOf } from '../../watching/progress.ts'

interface Options {
  models?: string
  only?: string
  json?: boolean
}

export const verifyPeft = (): Command =>
  new Command('verify-peft')
    .description('compare with golden cases that PEFT computed')
    .argument('<dir>', 'folder of cases')
    .option('--models <dir>', 'where to look for base models that are not beside their cases')
    .option('--only <regex>', 'cases whose name matches')
    .option('--json', 'print JSON')
    .action(async (dir: string, options: Options) => {
      requireFolder(dir)
      const only = pattern(options.only)
      const { verifyPeft } = await import('@weft/bench/verify/index')
      const progress = progressOf({ silent: options.json ?? false })
      const line = progress.line('cases')
      const rows = await verifyPeft(resolve(dir), {
        ...(options.models ? { models: resolve(options.models) } : {}),
        ...(only ? { only } : {}),
        onCase: (_, done, total) => total > 0 && line.update({ step: done, totalSteps: total }),
      })
      progress.stop()
      if (rows.length === 0) throw malformedFolder(dir, options.only ? `no case matches ${options.only}` : 'it holds no cases')
      outputOf(options).result(rows, () =>
        table(
          ['case', 'max|Δlogits|', '|Δloss|', 'max rel Δgradient', 'ΔAdamW', 'from PEFT’s first step', 'greedy', 'within tolerance'],
          rows.map((row) => [
            row.case,
            shown(row.logits),
            shown(row.loss),
            shown(row.gradient),
            shown(row.adamw),
            shown(row.adamwFromPeft),
            row.greedy === undefined ? '–' : row.greedy ? 'equal' : 'DIFFERENT',
            row.ok ? 'yes' : row.unsupported ? `not supported: ${row.reason ?? ''}` : `NO: ${row.reason ?? ''}`,
          ]),
        ),
      )
      // What is not supported yet was not compared and is no difference; a run that compared nothing shows nothing either.
      if (rows.some(({ ok, unsupported }) => !ok && !unsupported) || !rows.some(({ ok }) => ok)) process.exitCode = 1
    })

const shown = (value: number | undefined): string => (value === undefined ? '–' : value.toExponential(1))

const pattern = (text: string | undefined): RegExp | undefined => {
  try {
    return text === undefined ? undefined : new RegExp(text)
  } catch (cause) {
    throw new CliError('invalid_option', `--only: ${(cause as Error).message}`, 2)
  }
}

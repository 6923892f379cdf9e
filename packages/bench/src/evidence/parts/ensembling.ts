import { mean } from '../../statistics.ts'
import { figure, percent } from '../figure.ts'
import { figuresTable } from '../figures-table.ts'
import { ensembleCell, promptEnsemble } from '../measures/prompt-ensemble.ts'
import { models } from '../models.ts'
import type { EvidencePart, Form } from '../part.ts'
import type { Cell } from '../row.ts'

const PROMPTS = 5
const METHOD = 'prompt-tuning'
const asked: readonly [model: string, task: string, form: Form][] = [
  ['bundled', 'mail/spam', 'short'],
  ['bundled', 'speech/era', 'short'],
  ['all-minilm-l6-v2', 'mail/spam', 'short'],
  ['all-minilm-l6-v2', 'speech/era', 'long'],
  ['smollm2-135m-instruct', 'mail/spam', 'long'],
]
const cellOf = (model: string, task: string): Cell => ensembleCell(model, METHOD, task, PROMPTS, 0)
const each = (values: Record<string, unknown>): number[] => values.each as number[]

/** Lester et al. 2021, §6: prompts of one task, trained from several seeds over one frozen model, vote. */
export const ensembling: EvidencePart = {
  name: 'prompt-ensembling',
  title: 'Several prompts for one task',
  cells: (form) => asked.flatMap(([model, task, since]) => (form === 'long' || since === 'short' ? [cellOf(model, task)] : [])),
  run: promptEnsemble,
  inShort: (rows) => {
    const said = asked.flatMap(([model, task]) => {
      const row = rows.find(cellOf(model, task))
      return row
        ? [`${task} on ${models[model].title}, ${percent(mean(each(row.values)))} in the mean and ${percent(row.values.vote as number)} by their vote`]
        : []
    })
    return said.length === 0 ? undefined : `${PROMPTS} prompts for one task: ${said.join('; ')}.`
  },
  table: (rows) =>
    [
      `Lester et al. (2021) train ${PROMPTS} prompts for one task over one frozen model and let them vote: the vote is as good as the best of them or better, without ${PROMPTS} models. Here, accuracy on held-out rows:`,
      figuresTable(
        2,
        ['model', 'task', 'mean of the prompts', 'best of them', 'their vote', 'their mean probability'],
        asked.map(([model, task]) => {
          const row = [rows.find(cellOf(model, task))]
          return [
            models[model].title,
            task,
            figure(row, ({ values }) => mean(each(values)), percent),
            figure(row, ({ values }) => Math.max(...each(values)), percent),
            figure(row, ({ values }) => values.vote, percent),
            figure(row, ({ values }) => values.averaged, percent),
          ]
        }),
      ),
      '"Best of them" is read from the rows that are reported, so nobody could have chosen it: it is a bound, not a method. At most 240 held-out rows; two points of a hundred are within chance.',
    ].join('\n\n'),
  plot: () => [],
}

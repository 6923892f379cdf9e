import { settlingSteps } from '@weft/protocol'
import { commitsOf, decimals, figure } from '../figure.ts'
import { figuresTable } from '../figures-table.ts'
import { rateOf, usualComposition } from '../measures/compose-options.ts'
import { models } from '../models.ts'
import type { EvidencePart } from '../part.ts'
import type { Cell, Row, Values } from '../row.ts'
import { shortfalls, shortfallsSaid } from '../shortfalls.ts'
import { composition, leastOf } from './composition.ts'

const METHOD = 'parallel-prefix'
/** The bundled model is there for the short form, and reads longer rows. */
const measured: Readonly<Record<string, { maxLength: number; precision: 'float32' | 'int8' }>> = {
  bundled: { maxLength: 96, precision: 'float32' },
  'smollm2-135m-instruct': { maxLength: 64, precision: 'int8' },
}

/** Of `weft bench tasks`. `novel` and `json` are two of the three that composition is otherwise measured with. */
const groups = [
  ['era', 'list', 'speech', 'yaml'],
  ['era', 'json', 'list', 'novel', 'speech', 'yaml'],
] as const
const seeds = [0, 1, 2]
/** The labels are learned by then; in a third of it they gain little more than chance gives. */
const STEPS = 192
/** At most; `list` has 93 and `novel` 71. */
const HELD_OUT = 144

/** Settled together, as `weft settle` does, or each alone and nothing more. */
const ways = [true, false] as const

const cellOf = (model: string, tasks: readonly string[], settle: boolean, seed: number): Cell => ({
  settings: {
    ...{ measure: 'composition', model, method: METHOD, phase: 'none', settle, operator: 'experts', joint: false, auto: true },
    ...{
      learningRate: rateOf(METHOD, model),
      ...usualComposition,
      steps: STEPS,
      phaseSteps: settlingSteps([STEPS]),
      ...(settle && { settleWeight: 1 }),
      eval: HELD_OUT,
      ...measured[model],
      tasks: tasks.join(', '),
    },
  },
  seed,
})

/** A line of the tables: a model, a group of tasks and how they were trained. */
const lines = Object.keys(measured).flatMap((model) => groups.flatMap((tasks) => ways.map((settle) => ({ model, tasks, settle }))))
const trainedBy = (settle: boolean): string => (settle ? 'settled together' : 'each alone')
const found = (rows: { find(cell: Cell): Row | undefined }, { model, tasks, settle }: (typeof lines)[number]) =>
  seeds.map((seed) => rows.find(cellOf(model, tasks, settle, seed)))

const styles: readonly string[] = ['novel', 'speech']

/** A style's perplexity, in place of its negative logarithm. */
const scoreOf = ({ scores }: Values, composition: string, task: string): number | undefined => {
  const score = (scores as Record<string, Record<string, number> | undefined>)[composition]?.[task]
  return score !== undefined && styles.includes(task) ? Math.exp(-score) : score
}

/** Of what a task is asked, the share for which `auto` chooses its adapter before all others; of its rows, and of a style's beginnings. */
const foundOf = ({ auto }: Values, task: string): unknown => (auto as { right?: Record<string, number> }).right?.[task]
const begunOf = ({ auto }: Values, task: string): unknown => (auto as { beginnings?: Record<string, { right: number }> }).beginnings?.[task]?.right

/** Four and six tasks at once. */
export const moreTasks: EvidencePart = {
  name: 'more-tasks',
  title: 'More tasks at once',
  cells: (form) =>
    form === 'short'
      ? ways.map((settle) => cellOf('bundled', groups[0], settle, 0))
      : lines.flatMap(({ model, tasks, settle }) => seeds.map((seed) => cellOf(model, tasks, settle, seed))),
  run: composition.run,
  inShort: (rows) => {
    const said = lines.flatMap((line) => {
      const { model, tasks, settle } = line
      const of = found(rows, line)
      if (model !== 'smollm2-135m-instruct') return []
      if (of.every((row) => row === undefined)) return []
      const value = (read: (values: Values) => unknown) => figure(of, ({ values }) => read(values), decimals(2))
      const price = settle ? `; alone ${value((v) => leastOf(v.price_alone))} at the least` : ''
      return [
        `${tasks.length === 4 ? 'Four' : 'Six'} tasks, ${trainedBy(settle)}: ${value((v) => v.mean_retention)} in pairs, ${value((v) => v.worst)} in the worst place, ${value((v) => v.all_at_once ?? v.four_at_once)} all at once${price}; \`auto\` keeps ${value((v) => (v.auto as { mean_of_oracle: unknown }).mean_of_oracle)} of what the right choice would.`,
      ]
    })
    return said.length === 0 ? undefined : said.join(' ')
  },
  table: (rows) =>
    [
      'Adapters of four tasks, and of six, by `parallel-prefix`, settled together or each alone, and composed by `experts`. Labels: `era` (which of three times a speech is of) and `list` (which of five mailing lists a mail went to); styles: `speech` (addresses of presidents) and `novel`; formats: `yaml` (a mail’s kind) and `json` (a text’s source). `novel` and `json` are of the section above. Two things about composition were chosen on the four, with 48 held-out rows of each in sight, some of which are among those that are asked here: that `experts` remembers what an operand said and how fast it forgets, in seed 0, and how long a stack is settled, in seed 1, of two lengths. Of the four, only seed 2 had no part in either; the six and the section above had none. Four more were chosen on rows of the training files that were held back: what `auto` takes for foreign (since `6bbdf190`), that `experts` believes an operand as far as it foretold what was written (since `f3439477`), that a settled adapter is held to what it answered before (`a5e638a4`), and that its silence is measured by how loud it is (`cce0fc9a`, half of the level, which lies between two variants that were run on those rows and was not run there itself). That `experts` is a mixture, and how it shares, was chosen on rows that the adapters were trained on, of seed 2 (since `80c83c79`). A row that was run before one of these is of what there was then. `weft bench tasks` writes them. Each was trained for 192 steps; those that are settled, for 128 more together. *Price alone* is the share of its own gain that a settled adapter has alone: in the first table the least of all tasks, which is the most unlucky of as many; below it each task’s.',
      figuresTable(
        3,
        [
          'model',
          'tasks',
          'trained',
          'pairs, mean',
          'pairs, worst',
          'threes',
          'all at once',
          'all, worst',
          'price alone',
          '`auto` of the oracle',
          'left alone',
          'run at',
        ],
        lines.map((line) => {
          const { model, tasks, settle } = line
          const of = found(rows, line)
          const value = (read: (values: Values) => unknown) => figure(of, ({ values }) => read(values), decimals(2))
          return [
            models[model].title,
            `${tasks.length}: ${tasks.map((name) => `\`${name}\``).join(', ')}`,
            trainedBy(settle),
            value(({ mean_retention }) => mean_retention),
            value(({ worst }) => worst),
            tasks.length > 4 ? '–' : value(({ three_at_once }) => three_at_once),
            value(({ four_at_once, all_at_once }) => all_at_once ?? four_at_once),
            value(({ retention }) => leastOf(retention, `in ${tasks.join(' + ')}`)),
            settle ? value(({ price_alone }) => leastOf(price_alone)) : '–',
            value(({ auto }) => (auto as { mean_of_oracle: unknown }).mean_of_oracle),
            value(({ auto }) => (auto as { left_alone?: number }).left_alone),
            commitsOf(of),
          ]
        }),
      ),
      ...lines.flatMap((line) =>
        shortfallsSaid(shortfalls(found(rows, line)), `Of the ${line.tasks.length} tasks on ${models[line.model].title}, ${trainedBy(line.settle)}`),
      ),
      figuresTable(
        4,
        ['model', 'tasks', 'trained', 'task', 'bare model', 'its adapter alone', 'all at once', 'price alone', 'found by `auto`', 'by a beginning'],
        lines.flatMap((line) =>
          line.tasks.map((task) => {
            const { model, tasks, settle } = line
            const of = found(rows, line)
            const score = (composition: string) => figure(of, ({ values }) => scoreOf(values, composition, task), decimals(styles.includes(task) ? 1 : 2))
            const price = settle ? figure(of, ({ values }) => (values.price_alone as Record<string, number> | undefined)?.[task], decimals(2)) : '–'
            const chosen = figure(of, ({ values }) => foundOf(values, task), decimals(2))
            const begun = styles.includes(task) ? figure(of, ({ values }) => begunOf(values, task), decimals(2)) : '–'
            return [
              models[model].title,
              `${tasks.length}`,
              trainedBy(settle),
              `\`${task}\``,
              score('base'),
              score(task),
              score(tasks.join(' + ')),
              price,
              chosen,
              begun,
            ]
          }),
        ),
      ),
      'Labels by accuracy, formats by answers that are right and in the format, styles by perplexity. 144 held-out rows of each task, but of `list` 93 and of `novel` 71. SmolLM2 is trained and scored over frozen layers that multiply in integers. Where an adapter gained nothing alone, it has no retention; where it gained next to nothing, its retention is far from 0 and 1 and means nothing. Of six tasks threes are not asked. *Found by `auto`* is the share of what a task is asked for which its own adapter is chosen before all others, *by a beginning* that of the first eight words of a style’s texts; a row without it is of before it was counted. *Left alone* is the share of forty everyday requests (facts, advice, code, other languages) on which `auto` has nothing act, as none of the tasks is; they were in sight when it was chosen what is foreign. Two styles beside one another are the hardest: nothing in a text’s first tokens says whose it is.',
    ].join('\n\n'),
  plot: () => [],
}

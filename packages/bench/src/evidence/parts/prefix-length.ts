import { decimals, figure, meanValue, percent } from '../figure.ts'
import { figuresTable } from '../figures-table.ts'
import { heldOutScore, scoreCell } from '../measures/held-out-score.ts'
import { models } from '../models.ts'
import type { EvidencePart, Form } from '../part.ts'
import { lines } from '../plot/lines.ts'
import type { Cell, Row } from '../row.ts'
import type { EvidenceRows } from '../rows.ts'

const METHOD = 'prefix-tuning'
const lengths = [1, 2, 5, 10, 20, 50, 100]
const tasks = { 'style/whale': 'perplexity', 'mail/spam': 'accuracy' } as const
type Task = keyof typeof tasks

const seedsOf = (form: Form): number[] => (form === 'short' ? [0] : [0, 1, 2])
const cellsOf = (model: string, task: Task, length: number, form: Form): Cell[] =>
  seedsOf(form).map((seed) => scoreCell(model, METHOD, task, seed, { numVirtualTokens: length }))
const modelsOf = (form: Form): string[] => (form === 'short' ? ['bundled'] : ['bundled', 'smollm2-135m-instruct'])

const perplexity = ({ values }: Row): unknown => values.perplexity
const accuracy = ({ values }: Row): unknown => values.accuracy

/** Li & Liang 2021, §7.2: more virtual tokens help up to a length, and then no more. */
export const prefixLength: EvidencePart = {
  name: 'prefix-length',
  title: 'How long a prefix should be',
  cells: (form) => modelsOf(form).flatMap((model) => (Object.keys(tasks) as Task[]).flatMap((task) => lengths.flatMap((n) => cellsOf(model, task, n, form)))),
  run: heldOutScore,
  inShort: (rows) => {
    const said = seriesOf(rows).flatMap(({ name, points }) => {
      const [first, last] = [points[0], points.at(-1)]
      return first && last && first !== last
        ? [`${first[1].toFixed(1)} with ${first[0]} virtual token and ${last[1].toFixed(1)} with ${last[0]}, on ${name}`]
        : []
    })
    return said.length === 0 ? undefined : `A prefix in the style of a novel: perplexity ${said.join('; ')}.`
  },
  table: (rows) =>
    [
      'Li & Liang (2021) found that a longer prefix helps up to a length (200 for summaries, 10 for tables), and a little less beyond. The same method, its length alone changed:',
      figuresTable(
        1,
        ['virtual tokens', ...modelsOf('long').flatMap((model) => Object.entries(tasks).map(([task, score]) => `${models[model].title}, ${task}: ${score}`))],
        lengths.map((n) => [
          String(n),
          ...modelsOf('long').flatMap((model) => {
            const of = (task: Task) => cellsOf(model, task, n, 'long').map((cell) => rows.find(cell))
            return [figure(of('style/whale'), perplexity, decimals(1)), figure(of('mail/spam'), accuracy, percent)]
          }),
        ]),
      ),
      'Perplexity: less is better. The bundled model was pretrained on the training chapters of this novel, so there is little left to learn of its style. Training is short (64 steps), and a long prefix may want more.',
    ].join('\n\n'),
  plot: (rows) => {
    const title = 'Perplexity on held-out chapters of Moby Dick against the number of virtual tokens of a prefix'
    const svg = lines(title, { x: 'virtual tokens (logarithmic)', y: 'perplexity', series: seriesOf(rows) })
    return svg === null ? [] : [{ file: 'prefix-length.svg', alt: `${title}, a line for each model`, svg }]
  },
}

const seriesOf = (rows: EvidenceRows) =>
  modelsOf('long').map((model) => ({
    name: models[model].title,
    points: lengths.flatMap((n): [number, number][] => {
      const value = meanValue(
        cellsOf(model, 'style/whale', n, 'long').map((cell) => rows.find(cell)),
        perplexity,
      )
      return value === undefined ? [] : [[n, value]]
    }),
  }))

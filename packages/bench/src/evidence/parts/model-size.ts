import { figure, meanValue, percent } from '../figure.ts'
import { figuresTable } from '../figures-table.ts'
import { heldOutScore, scoreCell } from '../measures/held-out-score.ts'
import { models, shortModels } from '../models.ts'
import type { EvidencePart, Form } from '../part.ts'
import { lines } from '../plot/lines.ts'
import type { Cell, Row } from '../row.ts'
import type { EvidenceRows } from '../rows.ts'
import { labelTasksOf } from '../tasks.ts'

const compared = ['prompt-tuning', 'full'] as const
const sizes: readonly string[] = [...shortModels, 'smollm2-135m-instruct']
const modelsOf = (form: Form): readonly string[] => (form === 'short' ? shortModels : sizes)
const seedsOf = (model: string, form: Form): number[] => (form === 'short' || !shortModels.some((name) => name === model) ? [0] : [0, 1, 2])
const cellsOf = (model: string, method: string, task: string, form: Form): Cell[] => seedsOf(model, form).map((seed) => scoreCell(model, method, task, seed))

const accuracy = ({ values }: Row): unknown => values.accuracy
const found = (rows: EvidenceRows, model: string, method: string, task: string) => cellsOf(model, method, task, 'long').map((cell) => rows.find(cell))

/** Full tuning's accuracy less the prompt's, in points of a hundred. */
const gapOf = (rows: EvidenceRows, model: string, task: string): number | undefined => {
  const [prompt, full] = compared.map((method) => meanValue(found(rows, model, method, task), accuracy))
  return prompt === undefined || full === undefined ? undefined : 100 * (full - prompt)
}

/** Lester et al. 2021, figure 1: the gap between prompt tuning and tuning the whole model closes as models grow. */
export const modelSize: EvidencePart = {
  name: 'model-size',
  title: 'The gap to full tuning, by size of model',
  cells: (form) =>
    modelsOf(form).flatMap((model) => labelTasksOf(model, form).flatMap((task) => compared.flatMap((method) => cellsOf(model, method, task, form)))),
  run: heldOutScore,
  table: (rows) =>
    [
      'Lester et al. (2021) find that prompt tuning falls behind tuning the whole model where models are small, and catches up at billions of weights. What runs here is small; accuracy on held-out rows:',
      figuresTable(
        3,
        ['model', 'weights', 'task', 'prompt tuning', 'full tuning', 'gap, points'],
        sizes.flatMap((model) =>
          labelTasksOf(model, 'long').map((task) => [
            models[model].title,
            `${models[model].millions} M`,
            task,
            ...compared.map((method) => figure(found(rows, model, method, task), accuracy, percent)),
            gapOf(rows, model, task)?.toFixed(1) ?? 'not run',
          ]),
        ),
      ),
      'The paper compares one family (T5) from 60 M to 11 B; here every size is another model with other pretraining, two are decoders and one an encoder, and training is 64 steps of 4 rows. Three points make no trend, whatever their order.',
    ].join('\n\n'),
  plot: (rows) => {
    const title = 'Accuracy of full tuning less that of prompt tuning, in points, against millions of weights'
    const series = labelTasksOf(sizes[0], 'long').map((task) => ({
      name: task,
      points: sizes.flatMap((model): [number, number][] => {
        const gap = gapOf(rows, model, task)
        return gap === undefined ? [] : [[models[model].millions, gap]]
      }),
    }))
    const svg = lines(title, { x: 'millions of weights (logarithmic)', y: 'gap, points', series })
    return svg === null ? [] : [{ file: 'model-size.svg', alt: `${title}, a line for each task`, svg }]
  },
}

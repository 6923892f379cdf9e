import { decimals, figure, meanValue, percent } from '../figure.ts'
import { figuresTable } from '../figures-table.ts'
import { heldOutScore, scoreCell } from '../measures/held-out-score.ts'
import { models } from '../models.ts'
import type { EvidencePart, Form } from '../part.ts'
import { lines } from '../plot/lines.ts'
import type { Cell, Row } from '../row.ts'
import { labelTasksOf } from '../tasks.ts'

const seedsOf = (form: Form): number[] => (form === 'short' ? [0] : [0, 1, 2])

/** Prompts of the topmost layers, on held-out prose. */
const LAYERED = 'adaption-prompt'
const depths: Readonly<Record<string, readonly number[]>> = { bundled: [1, 2, 3, 6], 'smollm2-135m-instruct': [1, 5, 10, 30] }
const depthCells = (model: string, n: number, form: Form): Cell[] =>
  seedsOf(form).map((seed) => scoreCell(model, LAYERED, 'style/whale', seed, { adapterLayers: n }))

/** At the input alone, and in every layer, with the same head. */
const ends = ['prompt-tuning', 'p-tuning-v2']
const endModels = ['bundled', 'all-minilm-l6-v2']
const endCells = (model: string, method: string, task: string, form: Form): Cell[] => seedsOf(form).map((seed) => scoreCell(model, method, task, seed))

const decodersOf = (form: Form): string[] => (form === 'short' ? ['bundled'] : Object.keys(depths))
const perplexity = ({ values }: Row): unknown => values.perplexity

/** Liu et al. 2022 (P-tuning v2), §4.4: prompts in more layers, and in the upper ones, help. */
export const depth: EvidencePart = {
  name: 'prompt-depth',
  title: 'In how many layers a prompt acts',
  cells: (form) => [
    ...decodersOf(form).flatMap((model) => depths[model].flatMap((n) => depthCells(model, n, form))),
    ...endModels.flatMap((model) => ends.flatMap((method) => labelTasksOf(model, form).flatMap((task) => endCells(model, method, task, form)))),
  ],
  run: heldOutScore,
  table: (rows) =>
    [
      'P-tuning v2 (Liu et al. 2022) puts prompts into every layer rather than before the input, and finds that more layers help, the upper ones most. Accuracy of the two ends, with the same head:',
      figuresTable(
        2,
        ['model', 'where the prompt is', ...labelTasksOf('bundled', 'long')],
        endModels.flatMap((model) =>
          ends.map((method, i) => [
            models[model].title,
            `${i === 0 ? 'the input' : 'every layer'} (\`${method}\`)`,
            ...labelTasksOf(model, 'long').map((task) =>
              figure(
                endCells(model, method, task, 'long').map((cell) => rows.find(cell)),
                ({ values }) => values.accuracy,
                percent,
              ),
            ),
          ]),
        ),
      ),
      `And between them, by the method here that can be told how many layers (\`${LAYERED}\`, the topmost ones): perplexity of held-out prose, less is better.`,
      figuresTable(
        2,
        ['model', 'layers', 'perplexity of style/whale'],
        Object.entries(depths).flatMap(([model, all]) =>
          all.map((n) => [
            models[model].title,
            String(n),
            figure(
              depthCells(model, n, 'long').map((cell) => rows.find(cell)),
              perplexity,
              decimals(1),
            ),
          ]),
        ),
      ),
      'The second table is another method (LLaMA-Adapter) than the paper’s, and starts from the top only; it answers the same question, not the same experiment.',
    ].join('\n\n'),
  plot: (rows) => {
    const title = 'Perplexity on held-out chapters of Moby Dick against the number of layers that have a prompt'
    const series = Object.entries(depths).map(([model, all]) => ({
      name: models[model].title,
      points: all.flatMap((n): [number, number][] => {
        const value = meanValue(
          depthCells(model, n, 'long').map((cell) => rows.find(cell)),
          perplexity,
        )
        return value === undefined ? [] : [[n, value]]
      }),
    }))
    const svg = lines(title, { x: 'layers with a prompt (logarithmic)', y: 'perplexity', series })
    return svg === null ? [] : [{ file: 'prompt-depth.svg', alt: `${title}, a line for each model`, svg }]
  },
}

import { decimals, figure, percent } from '../figure.ts'
import { figuresTable } from '../figures-table.ts'
import { loraMerge, mergeCell, mergeWays } from '../measures/lora-merge.ts'
import { textCell, textOrTraining, type Way } from '../measures/text-or-training.ts'
import { models } from '../models.ts'
import type { EvidencePart, Form } from '../part.ts'
import type { Cell, Row, Values } from '../row.ts'

/** Named as composition names them. */
const tasks = { A: 'spam or ham', D: 'source as JSON' } as const
type Task = keyof typeof tasks

const ways: readonly (readonly [title: string, way: Way])[] = [
  ['the bare question', 'nothing'],
  ['two examples of each answer', 'examples'],
  ['the same, by random search with 256 calls', 'searched examples'],
  ...['prompt-tuning', 'prefix-tuning', 'parallel-prefix', 'lora'].map((method) => [`\`${method}\`, 256 training rows`, { method }] as const),
]

const decoders = ['bundled', 'smollm2-135m-instruct']
const modelsOf = (form: Form): string[] => (form === 'short' ? ['bundled'] : decoders)
/** A search asks as often as all else here together: the short form has none. */
const seedsOf = (way: Way, form: Form): number[] =>
  form === 'short' && way === 'searched examples' ? [] : form === 'short' || way === 'nothing' ? [0] : [0, 1, 2]
const textCells = (model: string, task: Task, way: Way, form: Form): Cell[] => seedsOf(way, form).map((seed) => textCell(model, task, way, seed))
const mergeCells = (model: string): Cell[] => [0, 1, 2].map((seed) => mergeCell(model, seed))

/** What people use where they do not compose trained prompts. */
export const alternatives: EvidencePart = {
  name: 'alternatives',
  title: 'Against what people use instead',
  cells: (form) =>
    modelsOf(form).flatMap((model) => [
      ...(Object.keys(tasks) as Task[]).flatMap((task) => ways.flatMap(([, way]) => textCells(model, task, way, form))),
      ...(form === 'short' ? [] : mergeCells(model)),
    ]),
  run: (cell, context) => (cell.settings.measure === 'lora merge' ? loraMerge(cell, context) : textOrTraining(cell, context)),
  table: (rows) => {
    const found = (cells: readonly Cell[]) => cells.map((cell) => rows.find(cell))
    const text = decoders.flatMap((model) =>
      ways.map(([title, way]) => {
        const of = (task: Task) => found(textCells(model, task, way, 'long'))
        return [
          models[model].title,
          title,
          figure(of('A'), ({ values }) => values.score, percent),
          figure(of('A'), ({ values }) => values.calibrated, percent),
          figure(of('D'), ({ values }) => values.score, percent),
          figure(of('A'), ({ values }) => values.tokens, decimals(0)),
        ]
      }),
    )
    const merged = decoders.flatMap((model) =>
      mergeWays.map((way) => {
        const value = (name: string) => figure(found(mergeCells(model)), ({ values }: Row) => (values[way] as Values | undefined)?.[name], decimals(2))
        return [models[model].title, way, value('strength'), value('pairs'), value('worst'), value('three')]
      }),
    )
    return [
      '### Text in the prompt',
      'Examples written before each question, against training on the same rows. The search tries 16 random sets of examples on 16 rows each and keeps the best: a plain stand-in for optimizers of prompts such as GEPA, with as many calls of the model as training has rows. Accuracy of *spam or ham*, and answers of *source as JSON* that are exact; held out.',
      figuresTable(2, ['model', 'what stands before the question', tasks.A, 'calibrated', tasks.D, 'tokens of each request besides'], text),
      'A training row costs a backward pass too, about three calls. The search chooses among examples and writes no instruction. Small models follow examples badly; larger ones do better than this table can show. Calibration subtracts the mean log-odds over 32 unlabelled rows.',
      '### LoRAs merged into one',
      'Three LoRAs (label, style, format) merged before they are served: their sum; task arithmetic (Ilharco et al. 2023), the sum times a strength; TIES (Yadav et al. 2023), which trims each to its largest fifth, elects signs and averages what agrees. Strengths are the best of four in pairs, on rows that neither trained nor are reported. Retention as in the first section; merging is done on the products of the factors, exactly.',
      figuresTable(2, ['model', 'merged by', 'strength', 'pairs, mean', 'pairs, worst', 'three at once'], merged),
      'Merges are of LoRA alone, at its own default rate, and rows are cut as composition’s are; the table of the first section has the operators that Weft serves.',
    ].join('\n\n')
  },
  plot: () => [],
}

import { bytes, decimals, figure, meanValue, notRun, percent } from '../figure.ts'
import { figuresTable } from '../figures-table.ts'
import { heldOutScore, scoreCell } from '../measures/held-out-score.ts'
import { costCell, methodCost } from '../measures/method-cost.ts'
import { methodsFor } from '../methods.ts'
import { models } from '../models.ts'
import type { EvidencePart, Form, Plot } from '../part.ts'
import { bars } from '../plot/bars.ts'
import type { Cell, Row, Values } from '../row.ts'
import type { EvidenceRows } from '../rows.ts'
import { classificationTasks, labelTasksOf, languageTasks } from '../tasks.ts'
import { plainRetention } from './composition.ts'

const classifiers: readonly string[] = classificationTasks

/** Tasks of each model in each form; an encoder writes no text. */
const tasksOf = (model: string, form: Form): readonly string[] => {
  if (models[model].encoder) return form === 'short' ? labelTasksOf(model, form) : classifiers
  const labels = form === 'short' || model !== 'bundled' ? labelTasksOf(model, form) : classifiers
  return [...labels, ...languageTasks]
}
const seedsOf = (model: string, form: Form): number[] => (form === 'short' || models[model].precision !== undefined ? [0] : [0, 1, 2])
const modelsOf = (form: Form): string[] => (form === 'short' ? ['bundled', 'all-minilm-l6-v2'] : Object.keys(models))

const methodsOn = (task: string): string[] => methodsFor(classifiers.includes(task) ? 'SEQ_CLS' : 'CAUSAL_LM')
const allMethods = (model: string, form: Form): string[] => [...new Set(tasksOf(model, form).flatMap(methodsOn))]
/** A model whose frozen layers are in few bits is not trained whole. */
const trains = (model: string, method: string): boolean => models[model].precision === undefined || !wholeModel.includes(method)
const wholeModel: readonly string[] = ['full']

const scores = (model: string, method: string, task: string, form: Form): Cell[] =>
  methodsOn(task).includes(method) && trains(model, method) ? seedsOf(model, form).map((seed) => scoreCell(model, method, task, seed)) : []

const cellsOf = (form: Form): Cell[] =>
  modelsOf(form).flatMap((model) =>
    allMethods(model, form)
      .filter((method) => trains(model, method))
      .flatMap((method) => [...tasksOf(model, form).flatMap((task) => scores(model, method, task, form)), costCell(model, method)]),
  )

/** The comparison that introductions print with adjectives. */
export const methods: EvidencePart = {
  name: 'methods',
  title: 'The methods, side by side',
  cells: cellsOf,
  run: (cell, context) => (cell.settings.measure === 'method cost' ? methodCost(cell, context) : heldOutScore(cell, context)),
  inShort: (rows) => {
    const said = Object.keys(models).flatMap((model) => {
      const [task] = labelTasksOf(model, 'short')
      const [best, ...others] = accuracies(rows, model, task).sort(([, a], [, b]) => b - a)
      if (best === undefined || others.length === 0) return []
      const worst = others.at(-1)!
      return [
        `on ${models[model].title}, ${methodsHere(model).length === others.length + 1 ? '' : 'of those that were run, '}\`${best[0]}\` labels ${percent(best[1])} right, \`${worst[0]}\` ${percent(worst[1])}`,
      ]
    })
    return said.length === 0
      ? undefined
      : `Held-out mails (spam or ham), the best and the last of the methods: ${said.join('; ')}. Two points of a hundred are within chance.`
  },
  table: (rows) =>
    [
      'Every method that trains by itself, at its defaults: 64 steps of 4 rows of 40 tokens at most. Labels by accuracy; *style/whale* (the prose of Moby Dick) and *format/json* (where a text is from, as JSON) by perplexity per token, less is better. *Elsewhere* is what is left of what the model was not trained for: of a decoder the perplexity of foreign text with the adapter on over that without (above 1 is worse), of an encoder a foreign probe’s accuracy with it over that without (below 1 is worse); the mean over tasks.',
      ...Object.keys(models).flatMap((model) => [
        `**${models[model].title}**, ${models[model].millions} M weights`,
        scoreTable(rows, model),
        costTable(rows, model),
      ]),
      'The adapter of *full* is a model of its own: it composes with nothing, and a request can have one. Bytes and trained numbers are exact; they are of the task that a model is first for, a classifier’s head included. Time and memory are rough: one round, on machines that did other work. *In pairs* is the mean retention of the section below, added inside the model without a second phase. A dash: there is no such thing.',
    ].join('\n\n'),
  plot: (rows) => Object.keys(models).flatMap((model) => pictureOf(rows, model)),
}

const found = (rows: EvidenceRows, cells: readonly Cell[]) => cells.map((cell) => rows.find(cell))

const scoreTable = (rows: EvidenceRows, model: string): string => {
  const tasks = tasksOf(model, 'long')
  const base = (task: string): string => {
    const all = found(
      rows,
      methodsOn(task).flatMap((method) => scores(model, method, task, 'long')),
    )
    const value = meanValue(all, ({ values }) => values.majority ?? values.base_perplexity)
    return value === undefined ? notRun : classifiers.includes(task) ? percent(value) : decimals(1)(value)
  }
  const score = (method: string, task: string): string => {
    const cells = scores(model, method, task, 'long')
    if (cells.length === 0) return '–'
    const [value, format] = classifiers.includes(task) ? [({ values }: Row) => values.accuracy, percent] : [({ values }: Row) => values.perplexity, decimals(1)]
    return figure(found(rows, cells), value, format)
  }
  const elsewhere = (method: string): string => {
    const value = meanValue(
      found(
        rows,
        tasks.flatMap((task) => scores(model, method, task, 'long')),
      ),
      ({ values }) => values.foreign,
    )
    return value === undefined ? notRun : decimals(2)(value)
  }
  return figuresTable(
    1,
    ['method', ...tasks, 'elsewhere'],
    [
      // Against itself the bare model has lost nothing.
      ['the likeliest label, the bare model', ...tasks.map(base), tasks.some((task) => base(task) !== notRun) ? '1' : notRun],
      ...methodsHere(model).map((method) => [`\`${method}\``, ...tasks.map((task) => score(method, task)), elsewhere(method)]),
    ],
  )
}

const methodsHere = (model: string): string[] => allMethods(model, 'long').filter((method) => trains(model, method))

const costTable = (rows: EvidenceRows, model: string): string =>
  figuresTable(
    1,
    ['method', 'trained numbers', 'stored', 'CPU of a step', 'peak memory', 'first token', 'CPU of a token', 'in pairs'],
    methodsHere(model).map((method) => {
      const row = found(rows, [costCell(model, method)])
      const of = (value: (values: Values) => unknown, format: (value: number) => string): string => figure(row, ({ values }) => value(values), format)
      const ratio = (name: string): string =>
        of(
          ({ inference }) => (inference as Values | null | undefined)?.[name],
          (value) => `${value.toFixed(2)} ×`,
        )
      const pairs = plainRetention(rows, model, method)
      return [
        `\`${method}\``,
        of(
          ({ parameters }) => parameters,
          (value) => value.toLocaleString('en-US'),
        ),
        of(({ stored_bytes }) => stored_bytes, bytes),
        of(
          ({ step_cpu_ms }) => step_cpu_ms,
          (value) => `${value.toFixed(0)} ms`,
        ),
        of(
          ({ peak_mb }) => peak_mb,
          (value) => `${value} MB`,
        ),
        ratio('ttft_cpu'),
        ratio('per_token_cpu'),
        pairs ? figure(pairs, ({ values }) => values.mean_retention, decimals(2)) : '–',
      ]
    }),
    'Time and memory not run',
  )

/** Mean accuracy over the seeds of each method that was run. */
const accuracies = (rows: EvidenceRows, model: string, task: string) =>
  methodsHere(model).flatMap((method): [method: string, accuracy: number][] => {
    const value = meanValue(found(rows, scores(model, method, task, 'long')), ({ values }) => values.accuracy)
    return value === undefined ? [] : [[method, value]]
  })

/** On the one task that both forms have of every model. */
const pictureOf = (rows: EvidenceRows, model: string): Plot[] => {
  const [task] = labelTasksOf(model, 'short')
  const drawn = accuracies(rows, model, task).map(([name, value]) => ({ name, value: 100 * value, kind: wholeModel.includes(name) ? 1 : 0 }))
  const title = `Accuracy on held-out mails (${task}) by method, on ${models[model].title}`
  const svg = bars(title, 'per cent of held-out mails that are labelled right', drawn, decimals(1))
  return svg === null ? [] : [{ file: `methods-${model}.svg`, alt: `${title}; the table below has the figures`, svg }]
}

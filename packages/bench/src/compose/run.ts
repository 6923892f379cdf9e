import type { LoadedAdapter } from '@weft/adapters'
import { baseWeights } from '@weft/inference/base-weights'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { modelIn } from '@weft/training/precision/job-precision'
import { optionUnread, taskMissing, tasksTooFew } from '../errors.ts'
import { chooseByProbes, rowsUnderChoices } from './auto.ts'
import type { RowPoints } from './chance.ts'
import { type GateResult, measureGate } from './gate.ts'
import { NamedAdapters } from './named-adapters.ts'
import type { BenchComposeOptions, Phase } from './options.ts'
import { namesOf, subsets } from './retentions.ts'
import { type ScoredRows, scoredByEach, scoreText } from './score.ts'
import { Scorer } from './scorer.ts'
import { settleAdapters } from './settle-adapters.ts'
import { type Summary, summaryOf } from './summary.ts'
import { bundledTasks, partnerStyle } from './tasks/bundled-tasks.ts'
import { type CutRows, cutRows } from './tasks/cut-rows.ts'
import { probesOf, type Question, type Task } from './tasks/task.ts'
import { tasksOfFolder } from './tasks/tasks-folder.ts'
import { type AdapterTrainer, type Row, trainAdapter } from './train-adapter.ts'

export interface BenchComposeResult extends Summary {
  method: string
  phase: Phase
  settled: boolean
  operator: BenchComposeOptions['operator']
  seed: number
  precision: 'float32' | 'int8'
  /** Of each task that has some: rows longer than a row may be, which are cut. */
  cut_rows?: Record<string, CutRows>
  kinds: Record<string, Task['kind']>
  parameters: number
  gate?: GateResult
  seconds: number
}

/** Tokens of a row of a folder's tasks, unless said. */
const MAX_LENGTH = 128

/** Trains an adapter for each task and measures each alone, in pairs, in threes and all together. */
export const benchCompose = async (options: BenchComposeOptions): Promise<BenchComposeResult> => {
  const { method, phase, operator, seed, onNote = () => {} } = options
  const started = performance.now()
  if (options.maxLength !== undefined && options.tasks === undefined) throw optionUnread('--max-length', '--tasks')
  const given =
    options.tasks === undefined ? bundledTasks(options.eval) : tasksOfFolder(options.tasks, options.eval, options.maxLength ?? MAX_LENGTH, options.only)
  const set = { ...given, tasks: wantedOf(options, given.tasks) }
  const wanted = Object.keys(set.tasks)
  using runtime = openRuntime()
  const model = modelIn({ precision: options.precision }, { model: await loadModel(options.model) })
  const cut = cutRows(model, set)
  for (const [name, { rows, of }] of Object.entries(cut)) onNote(`${name}: ${rows} of ${of} rows have more than ${set.maxLength} tokens, and are cut`)
  using weights = await baseWeights(runtime, model)
  const trainer: AdapterTrainer = { options, model, runtime, weights, maxLength: set.maxLength }

  const { adapters, unsettled } = await trainAll(trainer, set.tasks, set.reference)
  using scorer = new Scorer({ model, runtime, weights, threads: options.threads, maxLength: set.maxLength })
  const named = new NamedAdapters(adapters, model)
  const before = unsettled && new NamedAdapters(unsettled, model)
  const choices = options.auto ? await chooseByProbes(scorer, set.tasks) : undefined

  const note = (title: string, name: string, scored: ScoredRows): ScoredRows => {
    onNote(`${title}, ${name}: ${scoreText(scored.score)}`)
    return scored
  }
  const base: Record<string, ScoredRows> = {}
  const compositions: Record<string, Record<string, ScoredRows>> = Object.fromEntries(subsets(wanted).map((expression) => [expression, {}]))
  const scoresBefore: Record<string, ScoredRows> = {}
  const besideText: Record<string, ScoredRows> = {}
  const underChoices: Record<string, RowPoints[]> = {}
  for (const [name, task] of Object.entries(set.tasks)) {
    const expressions = Object.keys(compositions).filter((expression) => namesOf(expression).includes(name))
    const chosen = choices?.chosen[name] ?? []
    const asked = [
      named.composed([], operator),
      ...expressions.map((expression) => named.composed(namesOf(expression), operator)),
      ...(before ? [before.composed([name], operator)] : []),
      ...(options.text === undefined ? [] : [named.besideText(options.text, name, operator)]),
      ...chosen.map(({ strengths, rows }) => ({ ...named.withStrengths(strengths), rows })),
    ]
    const scores = await scoredByEach(scorer, asked, task)
    base[name] = note('base', name, scores.shift()!)
    for (const expression of expressions) compositions[expression][name] = note(expression, name, scores.shift()!)
    if (before) scoresBefore[name] = note(`${name} before it was settled`, name, scores.shift()!)
    if (options.text !== undefined) besideText[name] = note(`${name} beside the text`, name, scores.shift()!)
    underChoices[name] = rowsUnderChoices(chosen, scores)
  }
  const pairs = Object.keys(compositions).filter((expression) => namesOf(expression).length === 2)
  const joint: Record<string, Record<string, ScoredRows>> = {}
  for (const pair of options.joint ? pairs : []) {
    const both = new NamedAdapters({ both: await trainJoint(trainer, set.tasks, pair) }, model).composed(['both'], operator)
    joint[pair] = {}
    for (const name of namesOf(pair)) joint[pair][name] = note(`one adapter for ${pair}`, name, (await scoredByEach(scorer, [both], set.tasks[name]))[0])
  }
  const summary = summaryOf(wanted, {
    base,
    compositions,
    ...(before && { unsettled: scoresBefore }),
    ...(options.text !== undefined && { besideText }),
    ...(options.joint && { joint }),
    ...(choices && { auto: { choices, rows: underChoices } }),
  })
  const several = Object.keys(compositions).filter((expression) => namesOf(expression).length > 1)
  const gate = options.gate
    ? await measureGate({ model, adapters, tasks: set.tasks, expressions: several, operator, retention: summary.retention, threads: options.threads })
    : undefined
  return {
    method,
    phase,
    settled: options.settle ?? false,
    operator,
    seed,
    precision: options.precision ?? 'float32',
    ...(Object.keys(cut).length > 0 && { cut_rows: cut }),
    kinds: Object.fromEntries(wanted.map((name) => [name, set.tasks[name].kind])),
    parameters: Object.values(adapters[wanted[0]].state)
      .flatMap((state) => Object.values(state))
      .reduce((sum, { data }) => sum + data.length, 0),
    ...summary,
    ...(gate && { gate }),
    seconds: Math.round((performance.now() - started) / 1000),
  }
}

/** @throws WeftError `task_missing`, `tasks_too_few` */
const wantedOf = ({ only }: BenchComposeOptions, tasks: Readonly<Record<string, Task>>): Record<string, Task> => {
  const missing = only?.find((name) => !Object.hasOwn(tasks, name))
  if (missing !== undefined) throw taskMissing(missing, Object.keys(tasks))
  if (only && only.length < 2) throw tasksTooFew(only, Object.keys(tasks))
  return Object.fromEntries(Object.entries(tasks).filter(([name]) => only?.includes(name) ?? true))
}

const trainAll = async (
  trainer: AdapterTrainer,
  tasks: Readonly<Record<string, Task>>,
  given: readonly { text: string }[],
): Promise<{ adapters: Record<string, LoadedAdapter>; unsettled?: Record<string, LoadedAdapter> }> => {
  const { options } = trainer
  const { phase } = options
  const withPartners = phase === 'partners' || phase === 'both'
  const withLocality = phase === 'locality' || phase === 'both'
  const train = (name: string, rows: readonly Row[], further = {}): Promise<LoadedAdapter> =>
    trainAdapter(trainer, { name, rows, steps: options.steps, learningRate: options.learningRate, reference: given, ...further })
  const later = { steps: options.phaseSteps, learningRate: options.phaseLearningRate }
  const locality = { probability: options.probability, weight: options.localityWeight }
  const partner = withPartners ? { partner: await train('partner', partnerStyle()) } : {}
  const adapters: Record<string, LoadedAdapter> = {}
  for (const [name, { rows }] of Object.entries(tasks)) {
    let adapter = await train(name, rows)
    if (phase !== 'none') {
      const further = {
        ...(withPartners && { partners: { adapters: ['partner'], texts: true, randomRows: true, probability: options.probability } }),
        ...(withLocality && { locality }),
        from: 'first',
      }
      // A folder brings no reference text of its own: what its other tasks are asked is what an adapter will meet, as a published one reads their probes.
      const others = Object.keys(tasks).filter((other) => other !== name && given.length === 0)
      const reference = given.length > 0 ? given : others.flatMap((other) => asTexts(tasks[other]))
      const probes = others.flatMap((other) => probesOf(tasks[other]))
      adapter = await train(`${name} + ${phase}`, rows, { ...later, further, required: { first: adapter, ...partner }, reference, probes })
    }
    adapters[name] = adapter
  }
  return options.settle ? { adapters: await settleAdapters(trainer, tasks, adapters), unsettled: adapters } : { adapters }
}

const asTexts = (task: Task): { text: string }[] => (task.kind === 'style' ? task.unlabelled : task.unlabelled.map(({ prompt }) => ({ text: prompt })))

/** All rows of a file are of one kind: a text, of two characters or more, is its first word (half of it, where it is one word), and what follows. */
const asQuestion = (row: Row): Question => {
  if ('answer' in row) return row
  const space = row.text.indexOf(' ', 1)
  const at = space > 0 ? space : Math.ceil(row.text.length / 2)
  return { prompt: row.text.slice(0, at), answer: row.text.slice(at) }
}

/** One adapter on both tasks' rows, alternating, with the steps of both. */
const trainJoint = (trainer: AdapterTrainer, tasks: Readonly<Record<string, Task>>, pair: string): Promise<LoadedAdapter> => {
  const { options } = trainer
  const sets = namesOf(pair).map((name): readonly Row[] => tasks[name].rows)
  const mixed = namesOf(pair).some((name) => tasks[name].kind !== 'style')
  const [a, b] = mixed ? sets.map((rows) => rows.map(asQuestion)) : sets
  const rows = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [a[i % a.length], b[i % b.length]]).flat()
  const phases = 1 + (options.phase === 'none' ? 0 : 1) + (options.settle ? 1 : 0)
  const steps = 2 * (options.steps + (phases - 1) * options.phaseSteps)
  return trainAdapter(trainer, { name: `one adapter for ${pair}`, rows, steps, learningRate: options.learningRate, reference: [] })
}

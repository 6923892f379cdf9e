import { type LoadedAdapter, operandLevel } from '@weft/adapters'
import { baseWeights } from '@weft/inference/base-weights'
import { asksBase } from '@weft/inference/sampling/combine-outputs'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { placedExpression } from '@weft/training/regularize/expression'
import { type FrozenContext, noContext } from '@weft/training/regularize/frozen-context'
import { optionUnread } from '../errors.ts'
import { type AutoResult, measureAuto } from './auto.ts'
import { bundledTasks, partnerStyle } from './bundled-tasks.ts'
import { type CutRows, cutRows } from './cut-rows.ts'
import { type GateResult, measureGate } from './gate.ts'
import type { BenchComposeOptions, Phase } from './options.ts'
import { namesOf, type Retentions, ratioToJoint, retentions, type Scores, subsets } from './retentions.ts'
import { type Score, scored } from './score.ts'
import { type Asked, Scorer } from './scorer.ts'
import { settleAdapters } from './settle-adapters.ts'
import { probesOf, type Question, type Task } from './task.ts'
import { tasksOfFolder } from './tasks-folder.ts'
import { type AdapterTrainer, type Row, trainAdapter } from './train-adapter.ts'

export interface BenchComposeResult extends Retentions {
  method: string
  phase: Phase
  settled: boolean
  operator: BenchComposeOptions['operator']
  seed: number
  /** Of each task that has some: rows longer than a row may be, which are cut. */
  cut_rows?: Record<string, CutRows>
  kinds: Record<string, Task['kind']>
  parameters: number
  base: Record<string, Score>
  /** By composition, then by task. */
  compositions: Scores
  /** What one adapter scores that was trained on both tasks' data. */
  joint?: Scores
  ratio_to_joint?: number | null
  auto?: AutoResult
  gate?: GateResult
  joint_ratios?: Record<string, number | null>
  seconds: number
}

/** Tokens of a row of a folder's tasks, unless said. */
const MAX_LENGTH = 128

/** Trains an adapter for each task and measures each alone, in pairs, in threes and all together. */
export const benchCompose = async (options: BenchComposeOptions): Promise<BenchComposeResult> => {
  const { method, phase, operator, seed, onNote = () => {} } = options
  const started = performance.now()
  if (options.maxLength !== undefined && options.tasks === undefined) throw optionUnread('--max-length', '--tasks')
  const set = options.tasks === undefined ? bundledTasks(options.eval) : tasksOfFolder(options.tasks, options.eval, options.maxLength ?? MAX_LENGTH)
  const wanted = Object.keys(set.tasks).filter((name) => options.only?.includes(name) ?? true)
  using runtime = openRuntime()
  const model = await loadModel(options.model)
  const cut = cutRows(model, set)
  for (const [name, { rows, of }] of Object.entries(cut)) onNote(`${name}: ${rows} of ${of} rows have more than ${set.maxLength} tokens, and are cut`)
  using weights = await baseWeights(runtime, model)
  const trainer: AdapterTrainer = { options, model, runtime, weights, maxLength: set.maxLength }

  const adapters = await trainAll(trainer, set.tasks, set.reference, wanted)
  using scorer = new Scorer({ model, runtime, weights, threads: options.threads, maxLength: set.maxLength })
  // A task may be called what an expression reads otherwise ("base"): adapters go by their places.
  const contextOf = (all: readonly LoadedAdapter[]): FrozenContext => {
    const byPlace = all.map((adapter, i): [string, LoadedAdapter] => [`operand${i}`, adapter])
    return { before: [placedExpression(byPlace.map(([name]) => name).join(' + '), new Map(byPlace), model)], after: [] }
  }
  const levelOf = (name: string): number => {
    const { digest, manifest } = adapters[name]
    return operandLevel([{ kind: 'adapter', weight: 1, ref: name, digest }], () => manifest.training?.level)
  }
  const askedBy = (expression: string): Asked => {
    if (expression === 'base') return { contexts: [noContext] }
    const operands = namesOf(expression)
    if (operator === 'sum' || operands.length === 1) return { contexts: [contextOf(operands.map((name) => adapters[name]))] }
    const weight = operator === 'ensemble' ? 1 / operands.length : 1
    return {
      contexts: [...(asksBase(operator) ? [noContext] : []), ...operands.map((name) => contextOf([adapters[name]]))],
      combination: { operator, operands: operands.map((name) => ({ weight, level: levelOf(name) })) },
    }
  }
  /** As `auto(…)` is resolved: one as it is, several as experts. */
  const withStrengths = (strengths: Readonly<Record<string, number>>): Asked => {
    const [first, ...others] = Object.entries(strengths)
    if (!first) return { contexts: [noContext] }
    if (others.length === 0 && first[1] === 1) return { contexts: [contextOf([adapters[first[0]]])] }
    const all = [first, ...others]
    return {
      contexts: [noContext, ...all.map(([name]) => contextOf([adapters[name]]))],
      combination: { operator: 'experts', operands: all.map(([name, weight]) => ({ weight, level: levelOf(name) })) },
    }
  }
  const scores = async (title: string, asked: Asked, names: readonly string[]): Promise<Record<string, Score>> => {
    const found: Record<string, Score> = {}
    for (const name of names) {
      found[name] = await scored(scorer, asked, set.tasks[name])
      onNote(`${title}, ${name}: ${JSON.stringify(found[name])}`)
    }
    return found
  }

  const base = await scores('base', askedBy('base'), wanted)
  const compositions: Scores = {}
  for (const expression of subsets(wanted)) compositions[expression] = await scores(expression, askedBy(expression), namesOf(expression))
  const tasks = Object.fromEntries(wanted.map((name) => [name, set.tasks[name]]))
  const auto = options.auto ? await measureAuto(scorer, tasks, { base, compositions, askedBy: withStrengths }) : undefined
  const joint: Scores = {}
  for (const pair of options.joint ? Object.keys(compositions).filter((expression) => namesOf(expression).length === 2) : []) {
    const both = await trainJoint(trainer, set.tasks, pair)
    joint[pair] = await scores(`one adapter for ${pair}`, { contexts: [contextOf([both])] }, namesOf(pair))
  }
  const kept = retentions(wanted, base, compositions)
  const several = Object.keys(compositions).filter((expression) => namesOf(expression).length > 1)
  const gate = options.gate
    ? await measureGate({ model, adapters, tasks, expressions: several, retention: kept.retention, threads: options.threads })
    : undefined
  return {
    method,
    phase,
    settled: options.settle ?? false,
    operator,
    seed,
    ...(Object.keys(cut).length > 0 && { cut_rows: cut }),
    kinds: Object.fromEntries(wanted.map((name) => [name, set.tasks[name].kind])),
    parameters: Object.values(adapters[wanted[0]].state)
      .flatMap((state) => Object.values(state))
      .reduce((sum, { data }) => sum + data.length, 0),
    base,
    compositions,
    ...kept,
    ...(gate && { gate }),
    ...(auto && { auto }),
    ...(options.joint && { joint, ...ratioToJoint(base, compositions, joint) }),
    seconds: Math.round((performance.now() - started) / 1000),
  }
}

const trainAll = async (
  trainer: AdapterTrainer,
  tasks: Readonly<Record<string, Task>>,
  given: readonly { text: string }[],
  wanted: readonly string[],
): Promise<Record<string, LoadedAdapter>> => {
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
  for (const name of wanted) {
    const { rows } = tasks[name]
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
  return options.settle ? settleAdapters(trainer, tasks, adapters) : adapters
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

import { createHash } from 'node:crypto'
import { canonicalJson, isWeftError } from '@weft/adapters'
import { defaultHyperparameters, type Plugin, PluginRegistry, parseConfig, usualHyperparameters } from '@weft/methods'
import plugins from '@weft/plugins'
import { type ModelSession, openSession } from '@weft/session'
import { taskMissing } from '../errors.ts'
import { bundledTasks } from './bundled-tasks.ts'
import { bestOf, type Comparison, comparisonOf } from './comparison.ts'
import { cutTask } from './cut.ts'
import { type Grid, gridOf, type Point } from './grid.ts'
import type { BenchDefaultsOptions } from './options.ts'
import { overSeeds, type PointScores } from './over-seeds.ts'
import { scoresOn } from './scores.ts'
import type { SplitTask } from './task.ts'
import { splitTasksOfFolder } from './task-folder.ts'
import { TrainingLog, type TrainingRecord } from './training-log.ts'

export interface BenchDefaultsResult {
  model: string
  steps: number
  batch: number
  pooling: BenchDefaultsOptions['pooling']
  precision: 'float32' | 'int8'
  seeds: readonly number[]
  /** Rows by task. */
  rows: Record<string, { training: number; validation: number; held_out: number }>
  comparisons: Comparison[]
  /** The lowest ratio. */
  worst: number
  seconds: number
}

/**
 * Trains every method on every task at its defaults and at every point of its search space. The best point is chosen on validation rows; what is compared is
 * measured on held-out rows, which only that point and the default ever see.
 */
export const benchDefaults = async (options: BenchDefaultsOptions): Promise<BenchDefaultsResult> => {
  const { onNote = () => {}, device, threads } = options
  const started = performance.now()
  const asked = chosenPlugins(options.methods)
  // Before anything is opened: what has no search space is refused.
  for (const plugin of asked) gridOf(plugin)
  const tasks = chosenTasks(options)
  const log = new TrainingLog(options.keep)
  await using session = await openSession(options.model, { plugins, probe: false, ...(device && { device }), ...(threads !== undefined && { threads }) })
  // Opened before the first training, so that all of them share the weights.
  await session.engineParts()
  const chosen = asked.map((plugin) => ({ plugin, grid: gridOf(plugin, session.model.spec) }))

  const comparisons: Comparison[] = []
  for (const [name, whole] of Object.entries(tasks)) {
    const task = cutTask(session.model, whole, options.maxLength)
    for (const { plugin, grid } of chosen) {
      const points: { records: TrainingRecord[]; scores: PointScores }[] = []
      for (const point of grid.points) {
        const records: TrainingRecord[] = []
        for (const seed of options.seeds) records.push(await trained({ session, log, options, name, task, plugin, grid, point, seed }))
        points.push({ records, scores: overSeeds(records) })
      }
      const all = points.map(({ scores }) => scores)
      const best = bestOf(all)
      const read = async ({ key }: TrainingRecord): Promise<TrainingRecord> => {
        const record = log.find(key)!
        return record.heldOut || !record.validation ? record : log.add({ ...record, heldOut: await scoresOn(session, log.adapter(record.key), task.heldOut) })
      }
      const readPoint = async (wanted: PointScores): Promise<PointScores> => {
        const records: TrainingRecord[] = []
        for (const record of points.find(({ scores }) => scores === wanted)!.records) records.push(await read(record))
        return overSeeds(records)
      }
      const comparison = comparisonOf(all, await readPoint(all[0]), await readPoint(best))
      onNote(`${name}, ${plugin.id}: ratio ${comparison.ratio.toFixed(3)}`)
      comparisons.push(comparison)
    }
  }
  return {
    model: session.model.name,
    steps: options.steps,
    batch: options.batch,
    pooling: options.pooling,
    precision: options.precision ?? 'float32',
    seeds: options.seeds,
    rows: Object.fromEntries(
      Object.entries(tasks).map(([name, { training, validation, heldOut }]) => [
        name,
        { training: training.length, validation: validation.length, held_out: heldOut.length },
      ]),
    ),
    comparisons,
    worst: Math.min(...comparisons.map(({ ratio }) => ratio)),
    seconds: Math.round((performance.now() - started) / 1000),
  }
}

const chosenTasks = ({ tasks: folder, only }: BenchDefaultsOptions): Record<string, SplitTask> => {
  const all = folder === undefined ? bundledTasks() : splitTasksOfFolder(folder)
  if (only === undefined) return all
  return Object.fromEntries(
    only.map((name) => {
      if (!all[name]) throw taskMissing(name, Object.keys(all))
      return [name, all[name]]
    }),
  )
}

const chosenPlugins = (ids: readonly string[] | undefined): Plugin[] => {
  const registry = new PluginRegistry(plugins)
  return ids ? ids.map((id) => registry.get(id)) : plugins.filter(({ searchSpace }) => searchSpace)
}

interface Training {
  session: ModelSession
  log: TrainingLog
  options: BenchDefaultsOptions
  name: string
  task: SplitTask
  plugin: Plugin
  grid: Grid
  point: Point
  seed: number
}

/** Trains at one point, or takes what an earlier run left of it. */
const trained = async ({ session, log, options, name, task, plugin, grid: { setting }, point, seed }: Training): Promise<TrainingRecord> => {
  const { steps, batch, maxLength, pooling, precision, onNote = () => {} } = options
  const given = { [setting]: point.value }
  // Optional fields stay away: a schema takes no undefined.
  const config = parseConfig(plugin, point.value === undefined ? {} : given) as Record<string, unknown>
  const hyperparameters = {
    ...usualHyperparameters(plugin, session.model.spec),
    learningRate: point.learningRate,
    maxSteps: steps,
    batchSize: batch,
    maxLength,
    patience: 0,
    evalEvery: steps,
    ...(precision && { precision }),
  }
  const classifies = 'label' in task.training[0]
  const key = digestOf({
    base: session.model.fingerprint,
    method: plugin.id,
    config,
    hyperparameters: defaultHyperparameters(hyperparameters),
    seed,
    ...(classifies && { pooling }),
    training: digestOf(task.training),
    validation: digestOf(task.validation),
    heldOut: digestOf(task.heldOut),
  })
  const known = log.find(key)
  if (known) return known
  const since = performance.now()
  const recipe = { method: plugin.id, config, seed, hyperparameters, rows: task.training, heldOut: task.validation.slice(0, batch) }
  const result = await session.train(name, { ...recipe, ...(classifies && { task: 'SEQ_CLS', pooling }) }).catch(brokenDown)
  // Of the rows that training itself reads for its end a few will do: they decide nothing, since it never stops early.
  const validation = result && (await scoresOn(session, result.adapter, task.validation))
  const record = log.add(
    {
      key,
      task: name,
      method: plugin.id,
      learningRate: point.learningRate,
      setting,
      value: point.value,
      steps,
      seed,
      validation,
      seconds: Math.round((performance.now() - since) / 1000),
    },
    result?.adapter,
  )
  const scores = record.validation ? Object.entries(record.validation).map(([score, value]) => `${score} ${value.toFixed(3)}`) : ['broke down']
  onNote(
    `${name}, ${plugin.id}: learning rate ${point.learningRate}, ${setting} ${JSON.stringify(point.value)}${point.isDefault ? ' (default)' : ''}, seed ${seed}: validation ${scores.join(', ')}, ${record.seconds} s`,
  )
  return record
}

/** What a learning rate that is too high ends in; anything else is no result. */
const brokenDown = (error: unknown): null => {
  if (isWeftError(error) && ['loss_not_finite', 'tensor_norm'].includes(error.code)) return null
  throw error
}

const digestOf = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 24)

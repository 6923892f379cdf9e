import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson, type LoadedAdapter, operandLevel, outputOperators, readAdapter } from '@weft/adapters'
import { baseWeights } from '@weft/inference/base-weights'
import { asksBase } from '@weft/inference/sampling/combine-outputs'
import { defaultHyperparameters, type Plugin, PluginRegistry, parseConfig } from '@weft/methods'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import plugins from '@weft/plugins'
import type { TrainingSpec } from '@weft/protocol'
import { runTraining } from '@weft/training'
import { placedExpression } from '@weft/training/regularize/expression'
import { type FrozenContext, noContext } from '@weft/training/regularize/frozen-context'
import { leaning, type Marks, marks, retention } from './measures.ts'
import { type Asked, Scorer } from './scorer.ts'
import { partnerStyle, type Question, referenceTexts, type Task, tasks } from './tasks.ts'

export type Phase = 'none' | 'partners' | 'locality' | 'both'

/** How adapters meet: inside the model (`sum`), or at its output. */
export const composeOperators = ['sum', ...outputOperators] as const

export interface BenchComposeOptions {
  model: string
  method: string
  phase: Phase
  operator: (typeof composeOperators)[number]
  /** Steps of the first phase, and of the second. */
  steps: number
  phaseSteps: number
  /** Held-out rows of each task. */
  eval: number
  virtualTokens: number
  learningRate: number
  localityWeight: number
  /** How often a step of the second phase has KL-to-base on reference text, or a batch has a partner. */
  probability: number
  /** Peak learning rate of the second phase. */
  phaseLearningRate: number
  batch: number
  seed: number
  threads?: number
  /** The method's own settings. */
  set?: Record<string, unknown>
  /** Which adapters to train; all three for a measurement of composition. */
  only?: string[]
  /** Where trained adapters are kept, and taken from when they are there: the first phase need not be repeated for every second one. */
  keep?: string
  onNote?: (text: string) => void
}

type Name = 'A' | 'B' | 'D'
const names: readonly Name[] = ['A', 'B', 'D']

/** One task's scores under one composition. `score` is what retention compares: accuracy, −log perplexity, exact answers. */
export interface Score extends Partial<Marks> {
  score: number
  perplexity?: number
  calibrated?: Marks & { score: number }
}

export interface BenchComposeResult {
  method: string
  phase: Phase
  operator: BenchComposeOptions['operator']
  seed: number
  parameters: number
  base: Record<string, Score>
  /** By composition, then by task. */
  compositions: Record<string, Record<string, Score>>
  /** In pairs and all together; null for an adapter that gained nothing alone. */
  retention: Record<string, number | null>
  mean_retention?: number | null
  worst?: number | null
  three_at_once?: number | null
  /** The same with labels calibrated in compositions, never alone. */
  calibrated?: { mean_retention: number | null; worst: number | null; three_at_once: number | null }
  seconds: number
}

const MAX_LENGTH = 64

/** Trains a label (A), a style (B) and a format (D) on real text and measures each alone, in pairs and all together. */
export const benchCompose = async (options: BenchComposeOptions): Promise<BenchComposeResult> => {
  const { method, phase, operator, seed, onNote = () => {} } = options
  const started = performance.now()
  const plugin = new PluginRegistry(plugins).get(method)
  using runtime = openRuntime()
  const model = await loadModel(options.model)
  using weights = await baseWeights(runtime, model)
  const all = tasks(options.eval)
  const wanted = names.filter((name) => options.only?.includes(name) ?? true)
  const reference = lines(referenceTexts())

  const train = async (
    name: string,
    rows: Task['rows'],
    further: Partial<TrainingSpec> = {},
    required: Record<string, LoadedAdapter> = {},
    { steps, learningRate }: { steps: number; learningRate: number } = options,
  ): Promise<LoadedAdapter> => {
    const spec: TrainingSpec = {
      jobId: name,
      name,
      model: { name: model.name, fingerprint: model.fingerprint },
      method,
      task: 'CAUSAL_LM',
      seed,
      ...further,
      config: parseConfig(plugin, { ...('numVirtualTokens' in settingsOf(plugin) && { numVirtualTokens: options.virtualTokens }), ...options.set }) as Record<
        string,
        unknown
      >,
      hyperparameters: defaultHyperparameters({
        maxSteps: steps,
        batchSize: options.batch,
        learningRate,
        maxLength: MAX_LENGTH,
        patience: 0,
        evalEvery: steps + 1,
      }),
      required: Object.entries(required).map(([ref, { digest }]) => ({ ref, digest })),
    }
    const file = options.keep && join(options.keep, `${createHash('sha256').update(canonicalJson(spec)).digest('hex').slice(0, 16)}.safetensors`)
    if (file && existsSync(file)) {
      onNote(`${name}: kept from an earlier run`)
      return readAdapter(readFileSync(file))
    }
    const since = performance.now()
    const result = await runTraining(
      spec,
      { training: lines(rows), validation: lines(rows.slice(0, options.batch)), required: Object.values(required), reference },
      { model, runtime, plugins, weights, threads: options.threads },
    )
    onNote(`${name}: loss ${result.loss.toFixed(3)} after ${result.steps} steps, ${((performance.now() - since) / 1000).toFixed(0)} s`)
    if (file) {
      mkdirSync(options.keep!, { recursive: true })
      writeFileSync(file, result.adapter)
    }
    return readAdapter(result.adapter)
  }

  const partner: Record<string, LoadedAdapter> = phase === 'partners' || phase === 'both' ? { partner: await train('partner', partnerStyle()) } : {}
  const adapters: Record<string, LoadedAdapter> = {}
  for (const name of wanted) {
    const first = await train(name, all[name].rows)
    const second = {
      ...(phase === 'partners' || phase === 'both'
        ? { partners: { adapters: ['partner'], texts: true, randomRows: true, probability: options.probability } }
        : {}),
      ...(phase === 'locality' || phase === 'both' ? { locality: { probability: options.probability, weight: options.localityWeight } } : {}),
    }
    adapters[name] =
      phase === 'none'
        ? first
        : await train(
            `${name} + ${phase}`,
            all[name].rows,
            { ...second, from: 'first' },
            { first, ...partner },
            { steps: options.phaseSteps, learningRate: options.phaseLearningRate },
          )
  }

  using scorer = new Scorer({ model, runtime, weights, threads: options.threads, maxLength: MAX_LENGTH })
  const byName = new Map(Object.entries(adapters))
  const contextOf = (expression: string): FrozenContext => ({ before: [placedExpression(expression, byName, model)], after: [] })
  const levelOf = (name: string): number => {
    const { digest, manifest } = adapters[name]
    return operandLevel([{ kind: 'adapter', weight: 1, ref: name, digest }], () => manifest.training?.level)
  }
  const askedBy = (expression: string): Asked => {
    if (expression === 'base') return { contexts: [noContext] }
    const operands = expression.split(' + ')
    if (operator === 'sum' || operands.length === 1) return { contexts: [contextOf(expression)] }
    const weight = operator === 'ensemble' ? 1 / operands.length : 1
    return {
      contexts: [...(asksBase(operator) ? [noContext] : []), ...operands.map(contextOf)],
      combination: { operator, operands: operands.map((name) => ({ weight, level: levelOf(name) })) },
    }
  }
  const compositions: Record<string, Record<string, Score>> = {}
  for (const expression of ['base', ...subsets(wanted)]) {
    const asked = askedBy(expression)
    compositions[expression] = {}
    for (const name of wanted) {
      if (expression !== 'base' && !expression.split(' + ').includes(name)) continue
      compositions[expression][name] = await scored(scorer, asked, all[name])
      onNote(`${expression}, ${name}: ${JSON.stringify(compositions[expression][name])}`)
    }
  }
  const { base, ...composed } = compositions
  return {
    method,
    phase,
    operator,
    seed,
    parameters: Object.values(adapters[wanted[0]].state)
      .flatMap((state) => Object.values(state))
      .reduce((sum, { data }) => sum + data.length, 0),
    base,
    compositions: composed,
    ...retentions(wanted, base, composed),
    seconds: Math.round((performance.now() - started) / 1000),
  }
}

const lines = (rows: readonly ({ text: string } | Question)[]): string =>
  rows.map((row) => `${JSON.stringify('answer' in row ? { prompt: row.prompt, completion: row.answer } : row)}\n`).join('')

const settingsOf = (plugin: Plugin): object => (plugin.config as unknown as { def: { shape?: object } }).def.shape ?? {}

/** Each alone, in pairs, all together. */
const subsets = (all: readonly string[]): string[] => [
  ...all,
  ...all.flatMap((a, i) => all.slice(i + 1).map((b) => `${a} + ${b}`)),
  ...(all.length > 2 ? [all.join(' + ')] : []),
]

const scored = async (scorer: Scorer, asked: Asked, task: Task): Promise<Score> => {
  if (task.kind === 'style') {
    const perplexity = await scorer.perplexity(asked, task.heldOut)
    return { score: -Math.log(perplexity), perplexity }
  }
  const bias = leaning(await scorer.ask(asked, task.unlabelled, task.answers))
  const answered = await scorer.ask(asked, task.heldOut, task.answers)
  const of = (given: Marks): number => (task.kind === 'label' ? given.accuracy : given.exact)
  const [plain, calibrated] = [marks(answered), marks(answered, bias)]
  return { ...plain, score: of(plain), calibrated: { ...calibrated, score: of(calibrated) } }
}

/** Alone nothing is calibrated. In a composition the calibrated score is measured against the same gain. */
const retentions = (wanted: readonly string[], base: Record<string, Score>, composed: Record<string, Record<string, Score>>) => {
  const kept = (expression: string, name: string, calibrated: boolean): number | null =>
    retention({
      base: base[name].score,
      alone: composed[name][name].score,
      composed: (calibrated ? composed[expression][name].calibrated?.score : undefined) ?? composed[expression][name].score,
    })
  const over = (size: number, calibrated: boolean): [string, number | null][] =>
    Object.keys(composed)
      .filter((expression) => expression.split(' + ').length === size)
      .flatMap((expression) => expression.split(' + ').map((name): [string, number | null] => [`${name} in ${expression}`, kept(expression, name, calibrated)]))
  const known = (values: [string, number | null][]): number[] => values.flatMap(([, value]) => (value === null ? [] : [value]))
  const orNull = (values: number[], of: (values: number[]) => number): number | null => (values.length === 0 ? null : of(values))
  const mean = (values: [string, number | null][]) => orNull(known(values), (all) => all.reduce((sum, value) => sum + value, 0) / all.length)
  const worst = (values: [string, number | null][]) => orNull(known(values), (all) => Math.min(...all))
  if (wanted.length < 3) return { retention: Object.fromEntries(over(2, false)) }
  return {
    retention: Object.fromEntries([...over(2, false), ...over(3, false)]),
    mean_retention: mean(over(2, false)),
    worst: worst(over(2, false)),
    three_at_once: mean(over(3, false)),
    calibrated: { mean_retention: mean(over(2, true)), worst: worst(over(2, true)), three_at_once: mean(over(3, true)) },
  }
}

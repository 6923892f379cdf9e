import type { LoadedAdapter, TaskType } from '@weft/adapters'
import { baseWeights } from '@weft/inference/base-weights'
import { type Plugin, PluginRegistry } from '@weft/methods'
import { type LoadedModel, loadModel } from '@weft/model'
import { type Device, openRuntime } from '@weft/ort'
import allPlugins from '@weft/plugins'
import { trainedCount } from '@weft/training/graph/graph'
import { round } from '../statistics.ts'
import { benchProgram, shapeFile } from '../training/program.ts'
import { freshAdapter } from './fresh-adapter.ts'
import { type InferenceCost, inferenceCosts } from './inference.ts'
import type { StepCost } from './step-process.ts'
import { timeStep } from './time-step.ts'

export interface BenchMethodsOptions {
  /** A model folder; or a bare config.json or the name of one in `shapes`: random weights. */
  model: string
  /** All when absent. */
  methods?: readonly string[]
  batch: number
  tokens: number
  virtualTokens: number
  /** Every method's step is timed once a round, in a process of its own; the best round counts. */
  rounds: number
  /** Timed steps of a round, after one that prepares the session. */
  steps: number
  promptTokens: number
  newTokens: number
  requests: number
  device?: Device
  threads?: number
  onNote?: (text: string) => void
}

export interface MethodCost {
  method: string
  /** The base's first that the method has. */
  task: TaskType
  /** Trained numbers, the host's classifier included. */
  parameters: number
  /** Of the adapter file. */
  stored_bytes: number
  step_ms: number
  step_cpu_ms: number
  /** Peak resident memory while training. */
  peak_mb: number
  /** Over the bare base; null where a method leaves inference alone, or the base cannot be asked here. */
  inference: InferenceCost | null
}

export interface BenchMethodsResult {
  model: string
  architecture: string
  batch: number
  tokens: number
  virtual_tokens: number
  methods: MethodCost[]
  /** Methods that this base has no place for, and those with nothing to train. */
  left_out: { method: string; code: string; message: string }[]
  /** Why nothing was asked of the base; absent where it was. */
  not_served?: string
}

/** What every method that trains costs on one base, at its default config. */
export const benchMethods = async (options: BenchMethodsOptions): Promise<BenchMethodsResult> => {
  const { onNote = () => {}, device = 'cpu', threads } = options
  using runtime = openRuntime()
  const model = await loadModel(shapeFile(options.model))
  const costs: Pick<MethodCost, 'method' | 'task' | 'parameters' | 'stored_bytes'>[] = []
  const adapters = new Map<string, LoadedAdapter>()
  const leftOut: BenchMethodsResult['left_out'] = []
  {
    using weights = await baseWeights(runtime, model)
    for (const plugin of chosen(options.methods)) {
      try {
        const task = taskFor(plugin, model)
        const { program, required, batch } = await benchProgram(model, { ...options, method: plugin.id, task, plugins: [plugin] })
        const { adapter, bytes } = await freshAdapter(program, { model, runtime, weights, required, rows: batch.rows })
        adapters.set(plugin.id, adapter)
        costs.push({ method: plugin.id, task, parameters: trainedCount(program), stored_bytes: bytes })
      } catch (error) {
        const { code, message } = error as { code?: unknown; message: string }
        if (typeof code !== 'string') throw error
        leftOut.push({ method: plugin.id, code, message })
      }
    }
  }
  const steps = new Map<string, StepCost[]>(costs.map(({ method }) => [method, []]))
  for (let round = 1; round <= options.rounds; round++) {
    for (const { method, task } of costs) {
      onNote(`step of ${method}, round ${round} of ${options.rounds} …`)
      const { model: source, batch, tokens, virtualTokens } = options
      steps
        .get(method)!
        .push(await timeStep({ model: source, method, task, batch, tokens, virtualTokens, device, ...(threads && { threads }), steps: options.steps }))
    }
  }
  onNote('requests …')
  const served = await askedOf(model, adapters, { ...options, runtime, device, threads: threads ?? 1 })
  return {
    model: model.name,
    architecture: model.spec.architecture,
    batch: options.batch,
    tokens: options.tokens,
    virtual_tokens: options.virtualTokens,
    methods: costs.map((cost) => {
      const of = (name: keyof StepCost): number[] => steps.get(cost.method)!.map((step) => step[name])
      const inference = served.costs.get(cost.method)
      return {
        ...cost,
        step_ms: round(Math.min(...of('ms')), 1),
        step_cpu_ms: round(Math.min(...of('cpu_ms')), 1),
        peak_mb: round(Math.max(...of('peak_mb')), 0),
        inference: inference
          ? (Object.fromEntries(Object.entries(inference).map(([name, ratio]) => [name, ratio === null ? null : round(ratio, 3)])) as unknown as InferenceCost)
          : null,
      }
    }),
    left_out: leftOut,
    ...(served.refused !== undefined && { not_served: served.refused }),
  }
}

const chosen = (methods: readonly string[] | undefined): readonly Plugin[] => {
  const registry = new PluginRegistry(allPlugins)
  const named = new Set(methods?.map((method) => registry.get(method)) ?? allPlugins)
  return allPlugins.filter((plugin) => named.has(plugin))
}

/** The first that both have; `benchProgram` says why there is none. */
const taskFor = ({ tasks }: Plugin, { spec }: LoadedModel): TaskType =>
  spec.tasks.find((task) => task !== 'FEATURE_EXTRACTION' && (!tasks || tasks.includes(task))) ?? spec.tasks[0]

/** Encoders read texts, so one without a tokenizer is not asked; nor is a head size that inference has no kernel for. */
const askedOf = async (model: LoadedModel, adapters: ReadonlyMap<string, LoadedAdapter>, options: Parameters<typeof inferenceCosts>[2]) => {
  if (model.spec.bidirectional && !model.tokenizer) return { costs: new Map<string, InferenceCost>(), refused: 'an encoder without a tokenizer' }
  try {
    return { costs: await inferenceCosts(model, adapters, options) }
  } catch (error) {
    if ((error as { code?: string }).code !== 'unsupported_head_size') throw error
    return { costs: new Map<string, InferenceCost>(), refused: (error as Error).message }
  }
}

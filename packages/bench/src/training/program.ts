import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type LoadedAdapter, Random, readAdapter, rowWidth, type TaskType, writeAdapter } from '@weft/adapters'
import { checkTask, type Plugin, PluginRegistry, parseConfig } from '@weft/methods'
import { nothingToTrain } from '@weft/methods/errors'
import type { LoadedModel } from '@weft/model'
import { checkTrainable, parameterSlots, programPlacement, type TokenBatch, type TokenRow, type TrainingProgram, tokenBatch } from '@weft/training'

/** A shape by its name (`gpt2-small`), or what names a model otherwise. */
export const shapeFile = (model: string): string => {
  const file = fileURLToPath(new URL(`shapes/${model}.json`, import.meta.url))
  return /^[\w-]+$/.test(model) && existsSync(file) ? file : model
}

export interface BenchProgramOptions {
  method: string
  /** The model's first that the method has, when absent. */
  task?: TaskType
  batch: number
  tokens: number
  virtualTokens: number
  /** Classes of a classifier; 2 when absent. */
  numLabels?: number
  plugins: readonly Plugin[]
}

/** A method at its default config on a model, and a batch of random tokens, all of them learned; of texts with a label, where the task has labels. */
export const benchProgram = async (
  model: LoadedModel,
  options: BenchProgramOptions,
): Promise<{ program: TrainingProgram; required: LoadedAdapter[]; batch: TokenBatch }> => {
  const { method, plugins } = options
  const plugin = new PluginRegistry(plugins).get(method)
  const task = options.task ?? model.spec.tasks.find((t) => plugin.tasks?.includes(t) ?? true) ?? model.spec.tasks[0]
  checkTrainable({ model, task, numLabels: 0, headBias: false })
  checkTask(plugin, task)
  if (plugin.trains === false) throw nothingToTrain(method)
  const config = defaults(plugin, options.virtualTokens)
  const required = await Promise.all((plugin.requires?.(config) ?? []).map(() => trunk(model, options.virtualTokens)))
  const labelled = task === 'SEQ_CLS' || task === 'TOKEN_CLS'
  const program: TrainingProgram = {
    model,
    plugin,
    config,
    params: plugin.params(config, model.spec, required),
    task,
    numLabels: labelled ? (options.numLabels ?? 2) : 0,
    headBias: labelled && model.spec.classifier.bias,
    headDense: labelled && model.spec.classifier.dense,
  }
  if (!parameterSlots(program).some(({ trainable }) => trainable)) throw nothingToTrain(method)
  return { program, required, batch: randomBatch(program, options) }
}

const defaults = (plugin: Plugin, numVirtualTokens: number): unknown => {
  for (const given of [{ numVirtualTokens }, { trunk: 'bench/trunk' }]) {
    try {
      return parseConfig(plugin, given)
    } catch {
      // a method without such a field
    }
  }
  return parseConfig(plugin, {})
}

/** A trunk of noise for methods that branch off one. */
const trunk = async (model: LoadedModel, P: number): Promise<LoadedAdapter> => {
  const { architecture } = model.spec
  const H = rowWidth(model.spec)
  const random = new Random('trunk')
  const rows = { shape: [P, H], data: Float32Array.from({ length: P * H }, () => random.normal(0, 0.02)) }
  const bytes = await writeAdapter(
    {
      method: 'prompt-tuning',
      config: { numVirtualTokens: P },
      task: 'CAUSAL_LM',
      lineage: {},
      base: { name: model.name, fingerprint: model.fingerprint, architecture },
    },
    { inputsEmbeds: { rows } },
  )
  return readAdapter(bytes, { model: model.spec })
}

const randomBatch = (program: TrainingProgram, { batch: B, tokens: T }: BenchProgramOptions): TokenBatch => {
  const {
    task,
    model: { spec },
  } = program
  const { rows: numRows } = programPlacement(program)
  const random = new Random('bench')
  const ids = () => Uint32Array.from({ length: T }, () => random.integer(spec.vocabSize))
  const row = (): TokenRow => {
    if (task === 'SEQ_CLS') return { tokens: ids(), weights: new Float32Array(0), label: 0, rowWeight: 1 }
    if (task === 'TOKEN_CLS') return { tokens: ids(), classes: new Int32Array(T), weights: new Float32Array(T).fill(1), rowWeight: 1 }
    if (spec.encoderDecoder) return { tokens: ids(), targets: ids(), weights: new Float32Array(T).fill(1), rowWeight: 1 }
    return { tokens: ids(), weights: new Float32Array(T).fill(1).fill(numRows > 0 ? 1 : 0, 0, 1), rowWeight: 1 }
  }
  const rows = Array.from({ length: B }, row)
  // A decoder's first token is predicted where rows stand in front; a label or an answer needs nothing before it.
  const lossRows = task === 'SEQ_CLS' ? B : B * (task === 'CAUSAL_LM' && numRows === 0 ? T - 1 : T)
  return tokenBatch(rows, { rows: B, length: T, lossRows, ...(spec.encoderDecoder && { targets: T }) })
}

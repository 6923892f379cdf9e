import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type ModelSpec, type Placement, Random, type TaskType, taskTypes } from '@weft/adapters'
import { type InitContext, initialize, type PeftConfig, type Plugin, parseConfig, peftParamName } from '@weft/methods'
import { float32Precision, type LoadedModel, loadModel, type Precision, tokenRows } from '@weft/model'
import { parameterSlots, programPlacement, type TrainingProgram } from '@weft/training'
import { checkPooler, HEAD_BIAS, HEAD_DENSE_BIAS, HEAD_DENSE_WEIGHT, HEAD_WEIGHT, hasHead, isHeadSlot } from '@weft/training/graph/head'
import type { GoldenCase } from './case.ts'

/** Why a case cannot be computed here. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported'
}

export interface PreparedCase {
  model: LoadedModel
  program: TrainingProgram
  placement: Placement
  /** PEFT's name of every slot. */
  peftNames: Record<string, string>
  /** Initial values of every slot. */
  values: Record<string, Float32Array>
}

/** Finds the base model, the plugin and what each of PEFT's parameters is here. @throws Unsupported */
export const prepareCase = async (
  golden: GoldenCase,
  plugins: readonly Plugin[],
  models?: string,
  precision: Precision = float32Precision,
): Promise<PreparedCase> => {
  const { description, adapterConfig, init, expected } = golden
  if (!(taskTypes as readonly string[]).includes(description.task)) throw new Unsupported(`the task ${description.task} is not supported`)
  const plugin = pluginOf(adapterConfig, plugins)
  const model = await loadModel(baseFolder(golden, models), { precision }).catch((cause) => {
    throw new Unsupported((cause as Error).message)
  })
  const config = configOf(plugin, adapterConfig)
  const task = description.task as TaskType
  const head = headNames(init.names, model.spec.classifier)
  const program: TrainingProgram = {
    model,
    plugin,
    config,
    params: plugin.params(config, model.spec, []),
    task,
    numLabels: hasHead(task) ? headShape(head[HEAD_WEIGHT], init)[0] : 0,
    headBias: head[HEAD_BIAS] !== undefined,
    headDense: head[HEAD_DENSE_WEIGHT] !== undefined,
    taskIds: expected.has('task_ids'),
  }
  if (!model.spec.tasks.includes(task)) throw new Unsupported(`a ${model.spec.architecture} model cannot do ${task}; it can do ${model.spec.tasks.join(', ')}`)
  checkPooler(program)
  if (program.taskIds && !plugin.encodeBatch) throw new Unsupported(`${plugin.id} has no rows of different tasks`)
  const peftNames: Record<string, string> = {}
  const values: Record<string, Float32Array> = {}
  for (const { name, shape, trainable } of parameterSlots(program)) {
    if (!trainable) {
      values[name] = await initialize(program.params[name].init, frozenContext(model), shape, name)
      continue
    }
    const theirs = isHeadSlot(name) ? head[name] : peftParamName(plugin, name, model.spec)
    if (theirs === undefined || !init.has(theirs)) throw new Unsupported(`init.safetensors has nothing for the parameter ${name}`)
    peftNames[name] = theirs
    values[name] = init.floats(theirs)
  }
  const untold = expected.names.filter((n) => n.startsWith('grad.') && !Object.values(peftNames).includes(n.slice('grad.'.length)))
  if (untold.length > 0) throw new Unsupported(`${plugin.id} has no parameter for ${untold.join(', ')}`)
  return { model, program, placement: programPlacement(program), peftNames, values }
}

/** What a parameter that stays as it is may be made of: the base model's own weights. */
const frozenContext = (model: LoadedModel): InitContext => ({
  random: new Random(0),
  labels: [],
  required: [],
  vocabSize: model.spec.vocabSize,
  baseWeight: (name) => model.weights.readSync(name),
  embedding: (ids) => tokenRows(model, ids),
  tokenize: () => {
    throw new Unsupported('a frozen parameter is made of text')
  },
  keyValue: () => {
    throw new Unsupported('a frozen parameter is made of keys and values')
  },
  trainingTokens: () => {
    throw new Unsupported('a frozen parameter is made of training rows')
  },
})

/** A config that a method refuses is one it does not support. */
const configOf = (plugin: Plugin, adapterConfig: PeftConfig): unknown => {
  try {
    return parseConfig(plugin, plugin.peft!.configFrom(adapterConfig))
  } catch (cause) {
    throw new Unsupported((cause as Error).message)
  }
}

const pluginOf = (config: PeftConfig, plugins: readonly Plugin[]): Plugin => {
  const found = plugins.find(({ peft }) => peft && peft.peftType === config.peft_type && peft.imports !== false)
  if (!found) throw new Unsupported(`no plugin reads PEFT's ${String(config.peft_type)}`)
  return found
}

const baseFolder = ({ folder, description: { base } }: GoldenCase, models?: string): string => {
  const places = [join(dirname(folder), base), join(folder, base), ...(models === undefined ? [] : [join(models, base), models])]
  const found = places.find((place) => existsSync(join(place, 'config.json')))
  if (!found)
    throw new Unsupported(`the base model ${base} is neither beside the case nor in ${models === undefined ? '--models, which was not given' : models}`)
  return found
}

/**
 * The classifier that PEFT trains beside the method: the one module in `modules_to_save`, a linear layer or RoBERTa's two, or
 * DistilBERT's two modules. Slot → PEFT's name.
 */
const headNames = (names: readonly string[], { denseModule }: ModelSpec['classifier']): Partial<Record<string, string>> => {
  const before = (n: string): boolean => denseModule !== undefined && n.includes(`.${denseModule}.modules_to_save.`)
  const saved = (suffix: string) => names.find((n) => n.includes('.modules_to_save.') && !before(n) && n.endsWith(suffix))
  const [weight, bias] = ['.weight', '.bias'].map((suffix) => names.find((n) => before(n) && n.endsWith(suffix)))
  if (weight !== undefined) return { [HEAD_DENSE_WEIGHT]: weight, [HEAD_DENSE_BIAS]: bias, [HEAD_WEIGHT]: saved('.weight'), [HEAD_BIAS]: saved('.bias') }
  const dense = saved('.dense.weight')
  if (dense === undefined) return { [HEAD_WEIGHT]: saved('.weight'), [HEAD_BIAS]: saved('.bias') }
  return { [HEAD_DENSE_WEIGHT]: dense, [HEAD_DENSE_BIAS]: saved('.dense.bias'), [HEAD_WEIGHT]: saved('.out_proj.weight'), [HEAD_BIAS]: saved('.out_proj.bias') }
}

const headShape = (name: string | undefined, init: GoldenCase['init']): number[] => {
  if (name === undefined) throw new Unsupported('init.safetensors holds no classifier (…modules_to_save….weight)')
  return init.shape(name)
}

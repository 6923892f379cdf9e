import { type AdapterInput, adapterInputs, type FloatTensor, floatTensor, invocationsTensor, rowWidth, type TaskType } from '@weft/adapters'
import type { SlotInputs } from '@weft/adapters/hooks'
import { type Graph, GraphBuilder, type Value } from '@weft/graph'
import { encoderGraph } from '@weft/inference/encoder/graph'
import { type Plugin, parseConfig } from '@weft/methods'
import { encodedShapes } from '@weft/methods/encoded-shapes'
import {
  type ComputePrecision,
  decoderGraph,
  encoderGraph as encoderHalf,
  inferenceGraph,
  type ModelShape,
  modelShape,
  precisionOf,
  rawConfig,
} from '@weft/model'
import { plugins } from '@weft/plugins'
import { isWeftError } from '@weft/protocol'
import { buildLogitsGraph, buildTrainingGraph, checkTrainable, type TrainingProgram } from '@weft/training'
import { buildDivergenceGraph, buildHiddenGraph } from '@weft/training/graph/graph'
import { buildJointGraph } from '@weft/training/joint/graph'
import { noContext } from '@weft/training/regularize/frozen-context'
import { tinyConfigs } from '../cases/tiny-configs.ts'

export interface Emitted {
  name: string
  graph: Graph
  model: ModelShape
}

const tasks: readonly TaskType[] = ['CAUSAL_LM', 'SEQ_2_SEQ_LM', 'SEQ_CLS', 'TOKEN_CLS']

/** Configurations of a method that differ in the ops they encode with. */
const configurations: Record<string, readonly Record<string, unknown>[]> = {
  lora: [{}, { aloraInvocationTokens: [3, 4] }],
  'p-tuning': [{}, { encoderReparameterizationType: 'LSTM' }],
  'prefix-tuning': [{}, { prefixProjection: true, encoderHiddenSize: 8 }],
  'prompt-adapter': [{ trunk: 'trunk' }],
}

type Named = readonly [name: string, model: ModelShape]

/** A tiny model of every architecture, held and computed in a precision. */
export const tinyModels = (compute: ComputePrecision): Named[] =>
  Object.entries(tinyConfigs).map(([name, config]) => [name, { ...modelShape(rawConfig(config)), precision: precisionOf(compute) }])

/** A step's graph of every method on every architecture, its tasks in turn, and of two methods with every task and in every form. */
export function* trainingGraphs(models: readonly Named[]): Generator<Emitted> {
  for (const [m, [architecture, model]] of models.entries()) {
    const own = tasks.filter((name) => model.spec.tasks.includes(name))
    for (const [p, plugin] of plugins.entries()) {
      const inEveryForm = plugin.id === 'lora' || plugin.id === 'prefix-tuning'
      for (const task of inEveryForm ? own : [own[(m + p) % own.length]]) {
        const bucket = { rows: 2, length: 6, lossRows: task === 'SEQ_CLS' ? 2 : 4, ...(task === 'SEQ_2_SEQ_LM' && { targets: 5 }) }
        for (const given of configurations[plugin.id] ?? [{}]) {
          const program = programOf(model, plugin, task, given)
          if (!program) continue
          const name = `${architecture} ${task} ${plugin.id} ${JSON.stringify(given)}`
          yield { name, model, graph: buildTrainingGraph(program, bucket, 'gradients') }
          if (plugin.id !== 'lora') continue
          yield { name: `${name} logits`, model, graph: buildLogitsGraph(program, bucket) }
          const member = { program, bucket, context: noContext }
          const other = programOf(model, plugins.find(({ id }) => id === 'prefix-tuning')!, task, {})!
          yield { name: `${name} joint`, model, graph: buildJointGraph([member, { ...member, program: other }]) }
          if (task !== 'CAUSAL_LM' && task !== 'SEQ_2_SEQ_LM') continue
          yield { name: `${name} divergence`, model, graph: buildDivergenceGraph(program, bucket) }
          yield { name: `${name} hidden`, model, graph: buildHiddenGraph(program, bucket) }
        }
      }
    }
  }
}

/** The graphs that answer requests: bare, and with every site that acts inside layers. */
export function* inferenceGraphs(models: readonly Named[], attention: 'fused' | 'products'): Generator<Emitted> {
  for (const [architecture, model] of models) {
    const inputs = sitesInLayers(model)
    if (model.spec.encoderDecoder) {
      for (const adapters of [undefined, { inputs, perRow: false }]) {
        const said = adapters ? ' with adapters' : ''
        yield { name: `${architecture} encoder${said}`, model, graph: encoderHalf(model, adapters && { adapters }) }
        yield { name: `${architecture} decoder${said}`, model, graph: decoderGraph(model, adapters && { adapters }) }
      }
    } else if (model.spec.bidirectional) {
      const { placement, head } = composed(model)
      for (const at of [null, 'mean', 'first'] as const)
        yield {
          name: `${architecture} ${at}`,
          model,
          graph: encoderGraph(model, { batch: 2, tokens: 6, composition: { placement, inputs: [...inputs, ...(at === null ? [] : head)] }, at }),
        }
    } else {
      for (const bias of [false, true]) {
        for (const output of ['lastLogits', 'logits', 'hidden'] as const)
          yield { name: `${architecture} ${output} ${bias}`, model, graph: inferenceGraph(model, { output, bias, attention }) }
        for (const perRow of [false, true]) {
          const adapters: SlotInputs = { inputs, perRow }
          yield { name: `${architecture} adapters ${bias} ${perRow}`, model, graph: inferenceGraph(model, { output: 'lastLogits', bias, adapters, attention }) }
        }
      }
    }
  }
}

/** Undefined for what this method refuses to be trained for, on this base or at all. */
function programOf(model: ModelShape, plugin: Plugin, task: TaskType, given: Record<string, unknown>): TrainingProgram | undefined {
  if (plugin.trains === false || (plugin.tasks && !plugin.tasks.includes(task))) return undefined
  const { classifier } = model.spec
  const config = parseConfig(plugin, given)
  if (plugin.tasksOf?.(config)?.includes(task) === false) return undefined
  const head = task === 'SEQ_CLS' || task === 'TOKEN_CLS'
  try {
    const program: TrainingProgram = {
      plugin,
      config,
      model,
      task,
      params: plugin.params(config, model.spec, plugin.requires ? [trunkOf(model)] : []),
      numLabels: head ? 3 : 0,
      headBias: head && classifier.bias,
      headDense: task === 'SEQ_CLS' && classifier.dense,
    }
    checkTrainable(program)
    return program
  } catch (error) {
    if (isWeftError(error)) return undefined
    throw error
  }
}

/** An adapter with rows, for methods that branch off one. */
const trunkOf = ({ spec }: ModelShape) =>
  ({ digest: '', params: {}, state: { inputsEmbeds: { rows: floatTensor([4, rowWidth(spec)]) } }, manifest: {} }) as never

/** What LoRA, IA3 and gated prefixes are as inputs of a graph. */
function sitesInLayers(model: ModelShape): AdapterInput[] {
  const found = new Map<string, AdapterInput>()
  for (const plugin of plugins.filter(({ id }) => ['lora', 'ia3', 'parallel-prefix'].includes(id))) {
    for (const [site, tensors] of Object.entries(encodedShapes(plugin, parseConfig(plugin, {}), model.spec))) {
      if (site === 'head') continue
      const state = Object.fromEntries(Object.entries(tensors).map(([name, value]): [string, FloatTensor] => [name, floatTensor(value.shape.map(Number))]))
      for (const input of adapterInputs({ [site]: state }, model.spec, ['inputs'])) found.set(input.name, input)
    }
  }
  if (!model.spec.bidirectional && !model.spec.encoderDecoder) for (const input of waitingInLayers(model)) found.set(input.name, input)
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A LoRA that waits for tokens, on the first layers. */
function waitingInLayers({ spec }: ModelShape): AdapterInput[] {
  const layers = Object.entries(spec.modules).slice(0, 4)
  const tensors = layers.flatMap(([module, [out, input]]): [string, FloatTensor][] => [
    [`${module}.a`, floatTensor([2, input])],
    [`${module}.b`, floatTensor([out, 2])],
    [`${module}.of`, floatTensor([1, 2])],
  ])
  return adapterInputs({ activatedLinear: { invocations: invocationsTensor([[3, 4]]), ...Object.fromEntries(tensors) } }, spec, ['inputs'])
}

/** Rows, a prefix and a classifier. */
function composed({ spec }: ModelShape) {
  const { hiddenSize: H } = spec
  return {
    placement: { rows: 0, prefix: 0, prefixLengths: [], longestPrefix: 0 },
    head: adapterInputs({ head: { weight: floatTensor([3, H]), bias: floatTensor([3]) } }, spec, ['head']),
  }
}

/** Every op once that no model uses, so that none is without an answer. */
export function opsOfPlugins([[, model]]: readonly Named[]): Emitted {
  const g = new GraphBuilder('ops')
  const x = g.input('x', 'float32', [2, 4])
  const results: Value[] = [g.log(g.exp(x)), g.pow(x, 3), g.sin(x), g.cos(x), g.erf(x), g.relu(x), g.sqrt(g.abs(x)), g.max(x, 0), g.min(x, 0)]
  results.push(g.reduceMax(x, { axes: [1] }), g.pad(x, { pads: [0, 1, 0, 0] }), g.where(g.less(x, 0), x, g.neg(x)), g.reduceSumSquare(x, { axes: [1] }))
  results.push(g.cast(g.argMax(x), 'float32'), g.where(g.not(g.equal(x, 0)), x, 1), g.div(1, g.reciprocal(x)), g.silu(x), g.swiGlu(x, x))
  results.push(g.linearCrossEntropy(x, x, g.input('targets', 'int64', [2]), g.reshape(g.reduceSum(x, { axes: [1] }), [2])))
  for (const [i, result] of results.entries()) g.output(`y${i}`, result)
  return { name: 'ops', model, graph: g.build() }
}

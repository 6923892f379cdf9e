import { type Placement, placementOfShapes, type SiteValues } from '@weft/adapters'
import { adapterHooks, parameters } from '@weft/adapters/hooks'
import { gradients } from '@weft/autodiff'
import { elementCount, type Graph, GraphBuilder, type Value } from '@weft/graph'
import type { Param, Plugin } from '@weft/methods'
import { frozen, headFeatures, meanRows, trainingForward } from '@weft/model'
import type { Bucket } from '../batch/batches.ts'
import { classifierLoss } from '../data/label-tasks.ts'
import { type FrozenContext, inContext, noContext, placementIn } from '../regularize/frozen-context.ts'
import { withConstants } from './constants.ts'
import { withGates } from './gates.ts'
import { type HeadProgram, headParams, headValues, pooledRows, readsAt } from './head.ts'

/** What is trained: a method with its config on a model for a task. The same for every bucket. */
export interface TrainingProgram extends HeadProgram {
  plugin: Plugin
  config: unknown
  /** The method's parameters as the plugin declares them. */
  params: Readonly<Record<string, Param>>
  /** Whether every row says which of the method's tasks it is of; otherwise all are of the one that the config names. */
  taskIds?: boolean
}

/** A graph input that holds a parameter. */
interface ParameterSlot {
  name: string
  shape: number[]
  trainable: boolean
  lrScale?: number
}

/** The method's parameters, then the host's classifier. Gradients come out in this order. */
export const parameterSlots = (program: TrainingProgram): ParameterSlot[] =>
  Object.entries({ ...program.params, ...headParams(program) }).map(([name, { shape, trainable, lrScale }]) => ({ name, shape, trainable, lrScale }))

/** How many numbers are trained, the host's classifier included. */
export const trainedCount = (program: TrainingProgram): number =>
  parameterSlots(program).reduce((sum, { shape, trainable }) => sum + (trainable ? elementCount(shape) : 0), 0)

export const inputName = (parameter: string): string => `params.${parameter}`
export const gradientName = (parameter: string): string => `grad.${parameter}`

/**
 * The graph of one training step for one bucket: parameters → encode → hooks → forward → loss → gradients.
 *
 *     inputs   `params.<slot>`; input_ids, cos, sin, attention_bias as `trainingLayout` writes them;
 *              loss_index [M] int64 into the B·S hidden rows, targets [M] int64, weights [M];
 *              where texts are read at one place, pool_index [B] int64 into the B·S hidden rows, where as means, pool_weights [B,1,S]; loss_index
 *              is then into those B
 *     outputs  loss (Σ weights·nll) and `grad.<parameter>` of every trainable slot; with `output: 'loss'` the loss alone
 *
 * Only the M rows that carry a loss meet the output projection. The tensors of a context are inputs too, `context.<n>.<site>.<tensor>`.
 */
export const buildTrainingGraph = (program: TrainingProgram, bucket: Bucket, output: 'gradients' | 'loss', context: FrozenContext = noContext): Graph => {
  const g = new GraphBuilder(output === 'gradients' ? 'training' : 'evaluation')
  const { slots, read } = forward(g, program, bucket, context, 'loss rows')
  const targets = g.input('targets', 'int64', [bucket.lossRows])
  const weights = g.input('weights', 'float32', [bucket.lossRows])
  const loss = g.scope('loss', () => {
    const { rows, weight, bias } = read() // [M, H]
    return classifierLoss(g, { rows, weight, ...(bias && { bias }), targets, weights }, program.labelTasks)
  })
  g.output('loss', loss)
  if (output === 'gradients') outputGradients(g, program, loss, slots)
  return g.build()
}

/**
 * The graph of a KL-to-base step: loss = Σ weights·KL(frozen ‖ with the adapter) over the loss rows, and its
 * gradients. `teacher [M, H]` is what `buildHiddenGraph` gave for the same rows of the frozen model.
 */
export const buildDivergenceGraph = (program: TrainingProgram, bucket: Bucket, context: FrozenContext = noContext): Graph => {
  const { spec } = program.model
  const g = new GraphBuilder('divergence')
  const { slots, hidden, overVocabulary } = forward(g, program, bucket, context)
  const untrained = frozen(g, program.model)
  const learned = overVocabulary(g.gather(hidden, g.input('loss_index', 'int64', [bucket.lossRows]), 0))
  const teacher = g.input('teacher', 'float32', [bucket.lossRows, spec.hiddenSize])
  const weights = g.input('weights', 'float32', [bucket.lossRows])
  const taught = untrained.overVocabulary(teacher)
  const loss = g.scope('divergence', () => g.linearKullbackLeibler(learned.rows, learned.weight, taught.rows, taught.weight, weights))
  g.output('loss', loss)
  // A classifier takes no part in what is said of other texts.
  outputGradients(g, program, loss, slots)
  return g.build()
}

/** Hidden states of the loss rows, `[M, H]`. */
export const buildHiddenGraph = (program: TrainingProgram, bucket: Bucket, context: FrozenContext = noContext): Graph => {
  const g = new GraphBuilder('hidden')
  const { hidden } = forward(g, program, bucket, context)
  g.output('hidden', g.gather(hidden, g.input('loss_index', 'int64', [bucket.lossRows]), 0))
  return g.build()
}

/** What a task's head reads of the loss rows, `[M, H]`. */
export const buildFeaturesGraph = (program: TrainingProgram, bucket: Bucket, context: FrozenContext = noContext): Graph => {
  const g = new GraphBuilder('features')
  g.output('features', g.identity(forward(g, program, bucket, context, 'loss rows').read().rows))
  return g.build()
}

const outputGradients = (g: GraphBuilder, program: TrainingProgram, loss: Value, slots: Record<string, Value>): void => {
  const trained = parameterSlots(program).filter((slot) => slot.trainable)
  for (const [i, gradient] of gradients(
    g,
    loss,
    trained.map((slot) => slots[slot.name]),
  ).entries()) {
    g.output(gradientName(trained[i].name), gradient)
  }
}

/** The same forward pass with logits as its output: of the `loss_index` rows, `[M, V]` or `[M, C]`, or of all rows, `[B·S, …]`. */
export const buildLogitsGraph = (program: TrainingProgram, bucket: Bucket, of: Reads = 'loss rows', context: FrozenContext = noContext): Graph => {
  const g = new GraphBuilder('logits')
  const { rows, weight, bias } = forward(g, program, bucket, context, of).read()
  g.output('logits', g.gemm(rows, weight, { transB: true, ...(bias && { c: bias }) }))
  return g.build()
}

/**
 * The output projection alone, of as many rows as come: `hidden [m, H]`, as `buildHiddenGraph` gives them, to `logits [m, V]`. A method or a context may
 * bring a weight of its own for it.
 */
export const buildProjectionGraph = (program: TrainingProgram, bucket: Bucket, context: FrozenContext = noContext): Graph => {
  const g = new GraphBuilder('projection')
  const own = frozen(g, program.model, adapted(g, program, bucket, context).hooks)
  const { rows, weight } = own.overVocabulary(g.input('hidden', 'float32', ['m', program.model.spec.hiddenSize]))
  g.output('logits', g.gemm(rows, weight, { transB: true }))
  const graph = g.build()
  // What is a text's, such as its task and its gates, is no part of it.
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs))
  return { ...graph, inputs: graph.inputs.filter((input) => read.has(input)) }
}

/** The method alone: parameters → site tensors, run once when training ends. Outputs are named `<site>.<tensor>`. */
export const buildEncodeGraph = (program: TrainingProgram): Graph => {
  const g = new GraphBuilder('encode')
  const { sites } = encode(g, program)
  for (const [site, tensors] of Object.entries(sites)) {
    for (const [name, value] of Object.entries(tensors)) g.output(`${site}.${name}`, g.identity(value))
  }
  return g.build()
}

type Reads = 'loss rows' | 'all rows'

/** The method's parameters, and what it and its context do to the model. */
const adapted = (g: GraphBuilder, program: TrainingProgram, bucket: Bucket, context: FrozenContext) => {
  const { slots, sites } = encode(g, program, inputName, program.taskIds ? g.input('task_ids', 'int64', [bucket.rows]) : undefined)
  const own = parameters(g, withGates(g, program, withConstants(g, program, sites), bucket))
  return { slots, hooks: adapterHooks(g, [{ rows: bucket.rows, adapters: inContext(g, context, [own], bucket) }]) }
}

const forward = (g: GraphBuilder, program: TrainingProgram, bucket: Bucket, context: FrozenContext, of: Reads = 'all rows') => {
  const { slots, hooks } = adapted(g, program, bucket, context)
  const { rows: batch, length: tokens, targets } = bucket
  const pooled = of === 'loss rows' ? pooledRows(g, program, batch) : undefined
  const { hidden, overVocabulary, square } = trainingForward(g, program.model, hooks, { batch, tokens, targets, read: pooled })
  /** What stands before the output layer, and that layer: the classifier, or the projection onto the vocabulary. */
  const read = (): { rows: Value; weight: Value; bias?: Value } => {
    const { head } = hooks
    const at = readsAt(program)
    const from =
      at === 'mean' ? meanRows(g, hidden, g.input('pool_weights', 'float32', [batch, 1, hooks.placement.rows + tokens]), program.model.spec.hiddenSize) : hidden
    const rows = of === 'all rows' ? from : g.gather(from, g.input('loss_index', 'int64', [bucket.lossRows]), 0)
    if (!head) return overVocabulary(rows)
    return { ...head, rows: headFeatures(g, rows, at, { model: program.model, dense: head.dense, pooler: square }) }
  }
  return { slots, hidden, overVocabulary, read }
}

/** A program's parameters as inputs, and the site values that its method makes of them. `input` names the inputs, `taskIds [B]` each row's task. */
export const encode = (g: GraphBuilder, program: TrainingProgram, input = inputName, taskIds?: Value): { slots: Record<string, Value>; sites: SiteValues } => {
  const { plugin, config, model } = program
  const slots: Record<string, Value> = {}
  for (const { name, shape } of parameterSlots(program)) slots[name] = g.input(input(name), 'float32', shape)
  // The method sees its own parameters: one that hands all of them on must not hand on the host's head.
  const own = Object.fromEntries(Object.keys(program.params).map((name) => [name, slots[name]]))
  const sites = g.scope(plugin.id, () => (taskIds ? plugin.encodeBatch!(g, own, taskIds, config, model.spec) : plugin.encode(g, own, config, model.spec)))
  const head = headValues(slots)
  return { slots, sites: head ? { ...sites, head } : sites }
}

/** What the method's state takes before the tokens, and its context: what masks, positions and labels depend on. */
export const programPlacement = (program: TrainingProgram, context: FrozenContext = noContext): Placement => {
  const g = new GraphBuilder('placement')
  return placementIn(context, placementOfShapes(withConstants(g, program, encode(g, program).sites)))
}

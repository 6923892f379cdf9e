import { type BatchPlacement, batchPlacement, type TaskType } from '@weft/adapters'
import { type AdapterGroup, type AdapterHooks, adapterHooks, type BoundAdapter, parameters, type TokenColumns } from '@weft/adapters/hooks'
import { gradients } from '@weft/autodiff'
import { type Graph, GraphBuilder, type Value } from '@weft/graph'
import { headFeatures, meanRows, type TrainingForward, trainingForward } from '@weft/model'
import type { Bucket } from '../batch/batches.ts'
import { classifierLoss } from '../data/label-tasks.ts'
import { jointModelsDiffer, jointRowTasks, jointTasksDiffer } from '../errors.ts'
import { withConstants } from '../graph/constants.ts'
import { gatesIn, gatesOf, type TokenGate, withGates } from '../graph/gates.ts'
import { encode, gradientName, inputName, parameterSlots, programPlacement, type TrainingProgram } from '../graph/graph.ts'
import { hasHead, pooledRows, readsAt } from '../graph/head.ts'
import { type FrozenContext, inContext, noContext } from '../regularize/frozen-context.ts'

/** One adapter's part in a pass over one frozen base: rows of its own, and what is frozen beside it in them. */
export interface JointMember {
  program: TrainingProgram
  bucket: Bucket
  context: FrozenContext
}

/** A graph's input and output names with an adapter's number before them: `2.params.embedding`. */
export const ofAdapter = (adapter: number, name: string): string => `${adapter}.${name}`

/**
 * The shape of a joint batch: every adapter's rows one after another, all as long as the longest. Tokens that carry a loss are rounded up to
 * eighths of all, so that few shapes serve many batches.
 */
export const jointBucket = (task: TaskType, buckets: readonly Bucket[]): Bucket => {
  const rows = total(buckets.map((bucket) => bucket.rows))
  const length = Math.max(...buckets.map((bucket) => bucket.length))
  const targets = buckets.flatMap((bucket) => bucket.targets ?? [])
  const step = Math.ceil((rows * Math.max(length, ...targets)) / 8)
  return {
    rows,
    length,
    // A text's class is read in its row's place, where a pooler meets the row's own adapter.
    lossRows: task === 'SEQ_CLS' ? rows : Math.ceil(total(buckets.map(({ lossRows }) => lossRows)) / step) * step,
    ...(targets.length > 0 && { targets: Math.max(...targets) }),
  }
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)

/** What must be alike in one pass: the task, and where a text is read. */
export const placeOf = (program: TrainingProgram): string => [program.task, readsAt(program) ?? []].flat().join(' at ')

/** Whether others can take part in its passes at all: weights that it replaces, and rows that are each of a task of its own, are those of a whole batch. */
export const meetsOthers = ({ plugin, taskIds }: TrainingProgram): boolean => !taskIds && !plugin.sites.includes('weights')

/** @throws TrainingError `joint_models_differ`, `joint_tasks_differ`, `joint_row_tasks` */
export const checkJoint = (programs: readonly TrainingProgram[]): void => {
  const places = new Set(programs.map(placeOf))
  if (programs.some(({ model }) => model !== programs[0].model)) throw jointModelsDiffer()
  if (places.size > 1) throw jointTasksDiffer([...places])
  const mixed = programs.find(({ taskIds }) => taskIds)
  if (mixed) throw jointRowTasks(mixed.plugin.id)
}

/**
 * One step of several adapters: each meets only its own rows, so the gradient of Σ of their losses by one adapter's parameters is
 * that of its own loss alone.
 *
 *     inputs   `<a>.params.<slot>`; `context.<n>.<site>.<tensor>` of all contexts; ids, masks, positions and loss_index [M] as for one adapter;
 *              targets [M], or `<a>.targets` where each adapter has classes of its own;
 *              weights [A,M], a row an adapter, 0 where a loss row is another's
 *     outputs  losses [A] (Σ weights·nll of each) and `<a>.grad.<parameter>` of every trainable slot
 */
export const buildJointGraph = (members: readonly JointMember[]): Graph => {
  const programs = members.map(({ program }) => program)
  const [{ model, task }] = programs
  const {
    rows: B,
    length: tokens,
    lossRows: M,
    targets,
  } = jointBucket(
    task,
    members.map(({ bucket }) => bucket),
  )
  const g = new GraphBuilder('joint training')
  const encoded = programs.map((program, a) => g.scope(`adapters.${a}`, () => encode(g, program, (name) => ofAdapter(a, inputName(name)))))
  const columns = { rows: B, length: tokens }
  const own = encoded.map(({ sites }, a) =>
    parameters(
      g,
      withGates(g, programs[a], withConstants(g, programs[a], sites), columns, (name) => ofAdapter(a, name)),
    ),
  )
  const hooks = adapterHooks(g, groupsOf(g, members, own, columns))
  const forward = trainingForward(g, model, hooks, { batch: B, tokens, targets, read: pooledRows(g, programs[0], B) })
  const weights = g
    .split(
      g.input('weights', 'float32', [programs.length, M]),
      programs.map(() => 1),
      0,
    )
    .map((row) => g.reshape(row, [M]))
  const { total, losses } = g.scope('loss', () =>
    hasHead(task) ? classified(g, members, forward, hooks, weights) : predicted(g, forward, weights, g.input('targets', 'int64', [M])),
  )
  g.output(
    'losses',
    g.concat(
      losses.map((loss) => g.reshape(loss, [1])),
      0,
    ),
  )
  const trained = programs.flatMap((program, a) =>
    parameterSlots(program)
      .filter((slot) => slot.trainable)
      .map(({ name }) => ({ a, name })),
  )
  for (const [i, gradient] of gradients(
    g,
    total,
    trained.map(({ a, name }) => encoded[a].slots[name]),
  ).entries()) {
    g.output(ofAdapter(trained[i].a, gradientName(trained[i].name)), gradient)
  }
  return g.build()
}

/** Everybody's context: each frozen adapter once, however many it stands beside. */
export const sharedContext = (members: readonly JointMember[]): FrozenContext => ({
  before: [...new Set(members.flatMap(({ context: { before, after } }) => [...before, ...after]))],
  after: [],
})

const groupsOf = (g: GraphBuilder, members: readonly JointMember[], own: readonly BoundAdapter[], tokens: TokenColumns): AdapterGroup[] => {
  const shared = sharedContext(members)
  const bound = inContext(g, shared, [], tokens)
  const frozen = (side: FrozenContext['before']): BoundAdapter[] => side.map((placed) => bound[shared.before.indexOf(placed)])
  return members.map(({ bucket, context }, a) => ({ rows: bucket.rows, adapters: [...frozen(context.before), own[a], ...frozen(context.after)] }))
}

interface JointLoss {
  total: Value
  losses: Value[]
}

const lossRows = (g: GraphBuilder, rows: Value, [weights]: readonly Value[]): Value => g.gather(rows, g.input('loss_index', 'int64', weights.shape), 0)

/** Over the vocabulary, whose projection all share: the same rows weighted anew, so that their logits are computed once for all. */
const predicted = (g: GraphBuilder, { hidden, overVocabulary }: TrainingForward, weights: Value[], targets: Value): JointLoss => {
  const { rows, weight: projection } = overVocabulary(lossRows(g, hidden, weights)) // [M, H]
  const of = (weight: Value): Value => g.linearCrossEntropy(rows, projection, targets, weight)
  return { total: of(weights.reduce((sum, next) => g.add(sum, next))), losses: weights.map(of) }
}

/** By each adapter's own classifier. */
const classified = (
  g: GraphBuilder,
  members: readonly JointMember[],
  { hidden, square }: TrainingForward,
  { heads }: AdapterHooks,
  weights: Value[],
): JointLoss => {
  const programs = members.map(({ program }) => program)
  const [program] = programs
  const { model } = program
  const at = readsAt(program)
  const B = total(members.map(({ bucket }) => bucket.rows))
  const H = model.spec.hiddenSize
  const from = at === 'mean' ? meanRows(g, hidden, g.input('pool_weights', 'float32', [B, 1, Number(hidden.shape[0]) / B]), H) : hidden
  const rows = lossRows(g, from, weights)
  const losses = weights.map((weight, a) => {
    const { weight: classes, bias, dense } = heads[a]!
    const features = headFeatures(g, rows, at, { model, dense, pooler: square })
    return classifierLoss(
      g,
      { rows: features, weight: classes, ...(bias && { bias }), targets: g.input(ofAdapter(a, 'targets'), 'int64', weight.shape), weights: weight },
      programs[a].labelTasks,
    )
  })
  return { total: losses.reduce((sum, next) => g.add(sum, next)), losses }
}

/** Every gate of the batch: each adapter's own, and those of all contexts. */
export const jointGates = (members: readonly JointMember[]): TokenGate[] => [
  ...members.flatMap(({ program }, a) => gatesOf(program, noContext, (name) => ofAdapter(a, name))),
  ...gatesIn(sharedContext(members)),
]

/** What stands before the tokens of every adapter's rows, its context included: what masks, positions and labels depend on. */
export const jointPlacement = (members: readonly JointMember[]): BatchPlacement =>
  batchPlacement(members.map(({ program, bucket, context }) => ({ batchRows: bucket.rows, ...programPlacement(program, context) })))

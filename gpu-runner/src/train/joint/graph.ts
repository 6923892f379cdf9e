import { gradients } from '@weft/autodiff'
import { weaveGroups, type Weave } from '@weft/core'
import { GraphBuilder, type Graph } from '@weft/graph'
import { trainingForward } from '@weft/model'
import type { Bucket } from '../batches.ts'
import { jointModelsDiffer, jointTaskNotSupported } from '../errors.ts'
import { encode, gradientName, inputName, parameterSlots, type TrainingProgram } from '../graph.ts'

/** What trains together: programs over one frozen base, each with rows of its own in every batch. */
export type JointPrograms = readonly TrainingProgram[]

/** A graph's input and output names with an adapter's number before them: `2.params.embedding`. */
export const inputOf = (adapter: number, parameter: string): string => `${adapter}.${inputName(parameter)}`
export const gradientOf = (adapter: number, parameter: string): string => `${adapter}.${gradientName(parameter)}`

/** The shape of a joint batch: every adapter's rows one after another, all as long as the longest. */
export const jointBucket = (buckets: readonly Bucket[]): Bucket => ({
  rows: buckets.reduce((sum, { rows }) => sum + rows, 0),
  length: Math.max(...buckets.map(({ length }) => length)),
  lossRows: buckets.reduce((sum, { lossRows }) => sum + lossRows, 0),
})

/** @throws TrainingError `joint_models_differ`, `joint_task_not_supported` */
export const checkJoint = (programs: JointPrograms): void => {
  for (const { model, task } of programs) {
    if (model !== programs[0].model) throw jointModelsDiffer()
    if (task !== 'CAUSAL_LM') throw jointTaskNotSupported(task)
  }
}

/**
 * One step of several adapters: each meets only its own rows, so the gradient of Σ of their losses by one adapter's parameters is
 * that of its own loss alone.
 *
 *     inputs   `<a>.params.<slot>`; input_ids, cos, sin, attention_bias; loss_index [M], targets [M] as `trainingLayout` writes them;
 *              weights [A,M], a row an adapter, 0 where a loss row is another's
 *     outputs  losses [A] (Σ weights·nll of each) and `<a>.grad.<parameter>` of every trainable slot
 */
export const buildJointGraph = (programs: JointPrograms, buckets: readonly Bucket[]): Graph => {
  const [{ model }] = programs
  const { rows: B, length: tokens, lossRows: M } = jointBucket(buckets)
  const g = new GraphBuilder('joint training')
  const encoded = programs.map((program, a) => g.scope(`adapters.${a}`, () => encode(g, program, (name) => inputOf(a, name))))
  const woven = weaveGroups(g, encoded.map(({ sites }, a) => ({ adapters: [sites], rows: buckets[a].rows })))
  const { hidden, head: projection } = trainingForward(g, model, woven, { batch: B, tokens })
  const index = g.input('loss_index', 'int64', [M])
  const targets = g.input('targets', 'int64', [M])
  const weights = g.input('weights', 'float32', [programs.length, M])
  const [loss, losses] = g.scope('loss', () => {
    const rows = g.gather(hidden, index, 0)                                                  // [M, H]
    // The same rows weighted anew: their logits are computed once for all.
    const of = (weights: typeof targets) => g.linearCrossEntropy(rows, projection(), targets, weights)
    const each = g.split(weights, programs.map(() => 1), 0).map((row) => g.reshape(of(g.reshape(row, [M])), [1]))
    return [of(g.reduceSum(weights, { axes: [0], keepdims: false })), g.concat(each, 0)]
  })
  g.output('losses', g.identity(losses))
  const trained = programs.flatMap((program, a) => parameterSlots(program).filter((slot) => slot.trainable).map(({ name }) => ({ a, name })))
  for (const [i, gradient] of gradients(g, loss, trained.map(({ a, name }) => encoded[a].slots[name])).entries()) {
    g.output(gradientOf(trained[i].a, trained[i].name), gradient)
  }
  return g.build()
}

/** The virtual positions of every adapter's rows: what masks, positions and labels depend on. */
export const jointVirtualTokens = (programs: JointPrograms, buckets: readonly Bucket[]): Pick<Weave, 'numRows' | 'prefixLength' | 'longestPrefix' | 'groups'> => {
  const g = new GraphBuilder('virtual-tokens')
  const { numRows, prefixLength, longestPrefix, groups } = weaveGroups(g, programs.map((program, a) =>
    ({ adapters: [encode(g, program, (name) => inputOf(a, name)).sites], rows: buckets[a].rows })))
  return { numRows, prefixLength, longestPrefix, groups }
}

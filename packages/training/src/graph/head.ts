import { type PooledAt, type Pooling, pooledAt, poolerOf, type TaskType } from '@weft/adapters'
import type { GraphBuilder, Value } from '@weft/graph'
import { normal, type Param, zeros } from '@weft/methods'
import type { ModelShape } from '@weft/model'
import { taskNotOfBase } from '@weft/protocol/errors'
import { nothingLearnedBy, poolerMissing } from '../errors.ts'

/** The host's part of a classifier: what stands on the model whatever the method is. */
export interface HeadProgram {
  model: ModelShape
  task: TaskType
  /** C; 0 where there is no head. */
  numLabels: number
  headBias: boolean
  /** The task of each class, where several share what is trained. */
  labelTasks?: readonly string[] | undefined
  /** Whether a dense layer, with an activation, is trained before it. */
  headDense?: boolean
  /** Factor on the learning rate of what reads the hidden state; 1 when absent. */
  headLrScale?: number
  /** `peft` when absent. */
  pooling?: Pooling | undefined
}

export const HEAD_WEIGHT = 'head.weight'
export const HEAD_BIAS = 'head.bias'
export const HEAD_DENSE_WEIGHT = 'head.dense.weight'
export const HEAD_DENSE_BIAS = 'head.dense.bias'
const names: readonly string[] = [HEAD_WEIGHT, HEAD_BIAS, HEAD_DENSE_WEIGHT, HEAD_DENSE_BIAS]

export const isHeadSlot = (name: string): boolean => names.includes(name)

/** Whether a task is one of labels and has a classifier. */
export const hasHead = (task: TaskType): boolean => task === 'SEQ_CLS' || task === 'TOKEN_CLS'

/** The classifier's parameters, drawn as Hugging Face draws them: N(0, initializer_range²), no bias. */
export const headParams = ({ model: { spec, config }, task, numLabels, headBias, headDense, headLrScale: lrScale = 1 }: HeadProgram): Record<string, Param> => {
  if (!hasHead(task)) return {}
  const { hiddenSize: H } = spec
  const drawn = normal(config.initializerRange ?? 0.02)
  return {
    ...(headDense && {
      [HEAD_DENSE_WEIGHT]: { shape: [H, H], init: drawn, trainable: true, lrScale },
      [HEAD_DENSE_BIAS]: { shape: [H], init: zeros, trainable: true },
    }),
    // Behind a dense layer it reads what that one gives.
    [HEAD_WEIGHT]: { shape: [numLabels, H], init: drawn, trainable: true, lrScale: headDense ? 1 : lrScale },
    ...(headBias && { [HEAD_BIAS]: { shape: [numLabels], init: zeros, trainable: true } }),
  }
}

/** The `head` site's values out of all slots; null where the task has none. */
export const headValues = (slots: Readonly<Record<string, Value>>): Record<string, Value> | null => {
  if (!slots[HEAD_WEIGHT]) return null
  return Object.fromEntries(names.filter((name) => slots[name]).map((name) => [name.slice('head.'.length), slots[name]]))
}

/** Where a text is read; null for tasks that read every token. */
export const readsAt = ({ task, pooling, model }: HeadProgram): PooledAt | null => (task === 'SEQ_CLS' ? pooledAt(pooling, model.spec) : null)

/** The row of each of B texts that its class is read from, an input `pool_index [B]`; undefined where all of its rows are read. */
export const pooledRows = (g: GraphBuilder, program: HeadProgram, B: number): Value | undefined => {
  const at = readsAt(program)
  return at && at !== 'mean' ? g.input('pool_index', 'int64', [B]) : undefined
}

/** @throws TrainingError `pooler_missing` where a classifier would read through a pooler that the checkpoint lacks */
export const checkPooler = (program: HeadProgram): void => {
  const at = readsAt(program)
  const pooler = at && poolerOf(program.model.spec, at)
  if (pooler && !program.model.spec.modules[pooler]) throw poolerMissing(pooler)
}

/** Refuses what this base, or any, cannot be trained for. @throws WeftError `task_not_of_base`; TrainingError `unsupported_task`, `pooler_missing` */
export const checkTrainable = (program: HeadProgram): void => {
  const { spec } = program.model
  if (!spec.tasks.includes(program.task)) throw taskNotOfBase(program.task, spec.architecture, spec.tasks)
  if (program.task === 'FEATURE_EXTRACTION') throw nothingLearnedBy(program.task)
  checkPooler(program)
}

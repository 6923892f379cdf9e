import type { TaskType } from '@weft/adapters'
import type { Plugin } from '@weft/methods'
import type { ModelShape } from '@weft/model'
import * as z from 'zod/mini'
import type { TrainingProgram } from './graph.ts'

/** What trains nothing and changes nothing: the place of the adapter when only its context is to act. */
const nothing: Plugin = { id: 'nothing', sites: [], config: z.strictObject({}), params: () => ({}), encode: () => ({}) }

/** The frozen model as a program, to be run bare or with compositions as its context. */
export const frozenProgram = (model: ModelShape, task: TaskType = 'CAUSAL_LM'): TrainingProgram => ({
  model,
  plugin: nothing,
  config: {},
  params: {},
  task,
  numLabels: 0,
  headBias: false,
})

import { isWeftError } from '@weft/adapters'
import { precisionOf } from '@weft/model'
import { type ModelSession, openSession } from '@weft/session'
import type { TrainingResult } from '@weft/training'
import type { SplitTask } from '../../defaults/task.ts'
import { models } from '../models.ts'
import type { RunContext } from '../part.ts'
import type { Cell, Json } from '../row.ts'

/** Optimizer steps, rows of a step, most tokens of a row. */
export const recipe = { steps: 64, batch: 4, max_length: 40 }

/** The base of a cell, in the precision that its model is measured in. */
export const sessionOf = ({ settings }: Cell, { source, threads }: RunContext): Promise<ModelSession> => {
  const precision = models[settings.model]?.precision
  return openSession(source, { probe: false, ...(threads !== undefined && { threads }), ...(precision && { precision: precisionOf(precision) }) })
}

/** Trains a method as a cell says, at its defaults but for `config` and `learning_rate`, and keeps it in the session under the name; `broke_down` where a loss or a tensor grew without bounds. */
export const trainOn = async (
  session: ModelSession,
  name: string,
  { settings, seed }: Cell,
  { training, validation }: SplitTask,
): Promise<TrainingResult | { broke_down: string }> => {
  const {
    method,
    config = {},
    steps,
    batch,
    max_length,
    learning_rate,
  } = settings as unknown as typeof recipe & {
    method: string
    config?: Record<string, Json>
    learning_rate?: number
  }
  // A larger model is trained as one would train it here: its frozen layers multiply in integers, in some six tenths of the time.
  const inIntegers = models[settings.model]?.precision === 'int8'
  try {
    return await session.train(name, {
      method,
      config,
      seed,
      rows: training,
      // Of the rows that training itself reads at its end a few will do: they decide nothing, since it never stops early.
      heldOut: validation.slice(0, batch),
      hyperparameters: {
        ...{ maxSteps: steps, batchSize: batch, maxLength: max_length, patience: 0, evalEvery: steps },
        ...(learning_rate !== undefined && { learningRate: learning_rate }),
        ...(inIntegers && { precision: 'int8' as const }),
      },
      ...('label' in training[0] && { task: 'SEQ_CLS', pooling: 'mean' }),
    })
  } catch (error) {
    if (isWeftError(error) && ['loss_not_finite', 'tensor_norm'].includes(error.code)) return { broke_down: error.code }
    throw error
  }
}

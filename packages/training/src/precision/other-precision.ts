import { float32Precision, type LoadedModel, precisions, type WeightPrecision } from '@weft/model'
import { z } from 'zod'
import type { TrainingEvent } from '../run/events.ts'

/** What frozen weights were held in when a checkpoint was written; absent in older ones. */
export const weightPrecisionSchema = z.enum(precisions).optional()

export interface OtherPrecision {
  /** What they are held in now. */
  precision: WeightPrecision
  onWarning?: ((message: string) => void) | undefined
}

/** What a checkpoint says of a run's weights, and who is told where an earlier one said something else. */
export const heldWeights = ({ precision = float32Precision }: Pick<LoadedModel, 'precision'>, onEvent?: (event: TrainingEvent) => void): OtherPrecision => ({
  precision: precision.weights,
  onWarning: (message) => onEvent?.({ type: 'message', level: 'warn', message }),
})

/** A runner may hold its model otherwise than the one that began the run: then the adapter is neither's, byte for byte, and whoever waits for it is told. */
export const otherPrecision = (header: { precision?: WeightPrecision | undefined }, { precision, onWarning }: OtherPrecision): void => {
  if (header.precision === undefined || header.precision === precision) return
  onWarning?.(
    `Resumed over weights in ${precision}; up to here they were in ${header.precision}. The adapter will not be the one that either gives alone. For that, train it anew, or on a runner with --precision ${header.precision}.`,
  )
}

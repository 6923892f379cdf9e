import type { Hyperparameters } from '@weft/methods'
import { integerPrecision, type LoadedModel } from '@weft/model'
import { type Device, hasIntegerProducts, vectorInstructions } from '@weft/ort'
import { integersUnavailable } from '../errors.ts'

/** Where a job runs. */
interface Place {
  model: LoadedModel
  device?: Device
  /** Other runs over the same weights. */
  together?: object
}

/**
 * The base model as a job computes with it. `int8` multiplies its frozen layers in integers, forward and backward; parameters, moments, the head, norms, softmax
 * and losses stay float32. @throws TrainingError `integers_unavailable`
 */
export const modelIn = ({ precision }: Pick<Hyperparameters, 'precision'>, { model, device = 'cpu', together }: Place): LoadedModel => {
  if (precision !== 'int8') return model
  if (device !== 'cpu') throw integersUnavailable(`the device is ${device}, and only a CPU does`)
  if (!hasIntegerProducts()) throw integersUnavailable(`this processor has neither VNNI nor AMX; it has ${vectorInstructions().join(', ') || 'nothing known'}`)
  if (together) throw integersUnavailable('jobs that share their steps share the weights of the runner')
  return model.precision?.products === 'integer' ? model : { ...model, precision: integerPrecision }
}

import type { LoadedModel } from '@weft/model'
import { type Device, hasIntegerProducts } from '@weft/ort'
import type { TrainingSpec } from '@weft/protocol'

/** Width from which products are most of a step; of narrower models integers save little. */
const WIDE = 512

interface Place {
  model: LoadedModel
  device?: Device | undefined
  together?: object | undefined
}

/**
 * What to say of a job that could train in integers and does not: measured with LoRA on a decoder, they take about six tenths of the time and end within the
 * spread of seeds (docs/reference/benchmarks.md). It is offered and not taken: another precision gives other bytes, and those should not depend on the processor.
 */
export const integersOffered = ({ task, hyperparameters, settles }: TrainingSpec, { model, device = 'cpu', together }: Place): string | undefined =>
  hyperparameters.precision === undefined &&
  task === 'CAUSAL_LM' &&
  settles === undefined &&
  together === undefined &&
  device === 'cpu' &&
  model.precision === undefined &&
  model.spec.hiddenSize >= WIDE &&
  hasIntegerProducts()
    ? 'This processor multiplies in integers: the hyperparameter precision "int8" (--hyper precision=int8 of weft train) takes about six tenths of the time, and ends at about the same loss.'
    : undefined

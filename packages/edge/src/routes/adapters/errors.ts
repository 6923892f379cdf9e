import { WeftError } from '@weft/adapters'
import { someDetails, someQuoted } from '@weft/adapters/error-text'

/** @param batches which have not ended */
export const routeInUse = (name: string, batches: readonly string[]) =>
  new WeftError(
    'route_in_use',
    `The route "${name}" is what requests of ${someQuoted(batches)} go to. Cancel ${batches.length > 1 ? 'these batches' : 'this batch'}, or wait for the end.`,
    { status: 409, param: 'name', details: someDetails('batches', batches) },
  )

export const tooFewInputs = (given: number, fewest: number) =>
  new WeftError(
    'too_few_inputs',
    `Calibration takes ${fewest} unlabelled inputs or more, and got ${given}: the mean of fewer says more of the inputs than of how the labels lean.`,
    {
      param: 'input',
      details: { given, fewest },
    },
  )

export const calibrationAlone = (expression: string) =>
  new WeftError(
    'calibration_alone',
    `"${expression}" composes nothing: an adapter that stands alone is not calibrated, since that costs it as much as it gains in a composition. Name a composition.`,
    {
      param: 'model',
    },
  )

export const notCalibrated = (operator: string) =>
  new WeftError(
    'outputs_not_supported',
    `${operator}(…) is not calibrated: a calibration corrects how the terms of a sum move each other's labels inside the model, and operands of ${operator}(…) do not act there together. Calibrate a sum, "a + b", and ask for labels with that.`,
    { param: 'model' },
  )

import { type Calibration, calibrateRequestSchema, calibrationSchema, fewestCalibrationInputs, meanLogOdds, textLabels } from '@weft/protocol'
import { Hono } from 'hono'
import type { AskModel } from '../../asking/ask-model.ts'
import { label } from '../../generation/label.ts'
import { patientAnswer } from '../../http/answer.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import { nowSeconds } from '../../identifiers.ts'
import type { Inference } from '../../runner/inference.ts'
import { calibrationAlone, notCalibrated, tooFewInputs } from './errors.ts'

const description = endpoint({ summary: 'Calibrate the labels of a composition', tag: 'Compositions', body: calibrateRequestSchema, answer: calibrationSchema })

/** `POST /v1/calibrations`. The inputs have no labels; what is kept belongs to this very composition and to nothing that is in it. */
export const calibrationsRoute = ({ ask, inference }: { ask: AskModel; inference: Inference }) =>
  new Hono<Variables>().post('/v1/calibrations', description, async (c) => {
    const { model, input, choices, truncate } = await readRequest(c, calibrateRequestSchema)
    if (input.length < fewestCalibrationInputs) throw tooFewInputs(input.length, fewestCalibrationInputs)
    return patientAnswer(c, async (waiting) => {
      const { resolved, answer } = await ask(
        c,
        model,
        (found, caller) => {
          if (found.canonical.outputs) throw notCalibrated(found.canonical.outputs.operator)
          if (found.canonical.terms.length < 2) throw calibrationAlone(model)
          return label(inference, found, { model, inputs: input, choices, truncate }, caller)
        },
        waiting,
      ).catch((error) => {
        // What to do instead is another thing here than where texts are asked.
        throw error.code === 'auto_several_inputs' ? notCalibrated('auto') : error
      })
      const calibration: Calibration = {
        object: 'calibration',
        model,
        expression: resolved.expression,
        key: resolved.key!,
        inputs: input.length,
        scores: meanLogOdds(textLabels(answer).map(({ scores }) => scores)),
        ...(choices ? { choices } : {}),
        createdAt: nowSeconds(),
      }
      await c.get('stores').calibrations.put(calibration)
      return calibration
    })
  })

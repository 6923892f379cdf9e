import { type Calibration, calibrateRequestSchema, calibrationSchema, fewestCalibrationInputs, meanLogOdds, textLabels } from '@weft/protocol'
import { Hono } from 'hono'
import { calibrationAlone, tooFewInputs } from '../errors.ts'
import { nameComposition } from '../generation/generate.ts'
import { label } from '../generation/label.ts'
import { patientAnswer } from '../http/answer.ts'
import { endpoint } from '../http/endpoint.ts'
import { readRequest } from '../http/request.ts'
import type { Variables } from '../http/variables.ts'
import { nowSeconds } from '../identifiers.ts'
import type { HashFirst } from '../resolve/hash-first.ts'
import type { ResolveModel } from '../resolve/resolve-model.ts'
import type { Inference } from '../runner/inference.ts'
import type { Calibrations } from '../stores/calibrations.ts'

const description = endpoint({ summary: 'Calibrate the labels of a composition', tag: 'Compositions', body: calibrateRequestSchema, answer: calibrationSchema })

/** `POST /v1/calibrations`. The inputs have no labels; what is kept belongs to this very composition and to nothing that is in it. */
export const calibrationsRoute = ({
  resolve,
  hashFirst,
  inference,
  calibrations,
}: {
  resolve: ResolveModel
  hashFirst: HashFirst
  inference: Inference
  calibrations: Calibrations
}) =>
  new Hono<Variables>().post('/v1/calibrations', description, async (c) => {
    const { model, input, choices, truncate } = await readRequest(c, calibrateRequestSchema)
    if (input.length < fewestCalibrationInputs) throw tooFewInputs(input.length, fewestCalibrationInputs)
    const principal = c.get('principal')
    return patientAnswer(c, async (caller) => {
      const { resolved, answer } = await hashFirst(
        async ({ fresh }) => nameComposition(c, await resolve(model, { principal, fresh, signal: caller.signal })),
        (found) => {
          if (found.canonical.terms.length < 2) throw calibrationAlone(model)
          return label(inference, found, { model, inputs: input, choices, truncate }, caller)
        },
        caller,
      )
      const calibration: Calibration = {
        object: 'calibration',
        model,
        key: resolved.key!,
        inputs: input.length,
        scores: meanLogOdds(textLabels(answer).map(({ scores }) => scores)),
        ...(choices ? { choices } : {}),
        createdAt: nowSeconds(),
      }
      await calibrations.put(calibration)
      return calibration
    })
  })

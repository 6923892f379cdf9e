import { calibrated, classifyRequestSchema, classifyResponseSchema, type Labelled, textLabels } from '@weft/protocol'
import { Hono } from 'hono'
import type { AskModel } from '../../asking/ask-model.ts'
import { flagged } from '../../generation/flagged.ts'
import { label } from '../../generation/label.ts'
import { patientAnswer } from '../../http/answer.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import type { Inference } from '../../runner/inference.ts'

const description = endpoint({ summary: 'Label texts, or their words', tag: 'Inference', body: classifyRequestSchema, answer: classifyResponseSchema })

/** What an answer is called. */
const objectOf = (result: Labelled) => ('tasks' in result ? 'task_classifications' : 'tokens' in result ? 'token_classification' : 'classification')

/** `POST /v1/classify` */
export const classifyRoute = ({ ask, inference }: { ask: AskModel; inference: Inference }) =>
  new Hono<Variables>().post('/v1/classify', description, async (c) => {
    const { model, input, choices, truncate, calibrated: wanted } = await readRequest(c, classifyRequestSchema)
    const inputs = typeof input === 'string' ? [input] : input
    return patientAnswer(c, async (waiting) => {
      const { resolved, answer } = await ask(c, model, (found, caller) => label(inference, found, { model, inputs, choices, truncate }, caller), waiting)
      const lean =
        wanted && resolved.key !== null && resolved.canonical.terms.length > 1
          ? (await c.get('stores').calibrations.get(resolved.key, choices))?.scores
          : undefined
      const labelled = lean ? textLabels(answer).map((result) => ({ ...result, ...calibrated(result.scores, lean) })) : answer
      return flagged(resolved, {
        object: 'list',
        model,
        ...(lean ? { calibrated: true } : {}),
        data: labelled.map((result, index) => ({ object: objectOf(result), index, ...result })),
      })
    })
  })

import { scoresRequestSchema, scoresSchema } from '@weft/protocol'
import { Hono } from 'hono'
import type { AskModel } from '../../asking/ask-model.ts'
import { flagged } from '../../generation/flagged.ts'
import { saidOf } from '../../generation/said-of.ts'
import { textWithTwin } from '../../generation/text-twin.ts'
import { patientAnswer } from '../../http/answer.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import { compositionOf } from '../../resolve/resolve-model.ts'
import type { Inference } from '../../runner/inference.ts'

/** Texts to score, each after the same prompt, which is not scored itself. */
const description = endpoint({ summary: 'Log-probability and perplexity of texts', tag: 'Inference', body: scoresRequestSchema, answer: scoresSchema })

/** `POST /v1/score` */
export const scoreRoute = ({ ask, inference }: { ask: AskModel; inference: Inference }) =>
  new Hono<Variables>().post('/v1/score', description, async (c) => {
    const { model, input, prompt, tokenLogprobs, stride } = await readRequest(c, scoresRequestSchema)
    const texts = typeof input === 'string' ? [input] : input
    return patientAnswer(c, async (waiting) => {
      const { resolved, answer } = await ask(
        c,
        model,
        (found, caller) => {
          const before = found.twin ? textWithTwin(found.twin, prompt ?? '') : prompt
          const asked = { model: found.base.name, composition: compositionOf(found), texts, prompt: before, tokenLogprobs, stride }
          return saidOf('input', inference.score(asked, caller), /^texts$/)
        },
        waiting,
      )
      return flagged(resolved, {
        object: 'list',
        model,
        data: answer.map((result, index) => ({ object: 'score', index, ...result, perplexity: result.tokens > 0 ? result.perplexity : null })),
      })
    })
  })

import { scoresRequestSchema, scoresSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { nameComposition } from '../generation/generate.ts'
import { sendJson } from '../http/body.ts'
import { endpoint } from '../http/endpoint.ts'
import { readRequest } from '../http/request.ts'
import type { Variables } from '../http/variables.ts'
import type { HashFirst } from '../resolve/hash-first.ts'
import { type ResolveModel, soleComposition } from '../resolve/resolve-model.ts'
import type { Runner } from '../runner/runner.ts'

/** Texts to score, each after the same prompt, which is not scored itself. */
const description = endpoint({ summary: 'Log-probability and perplexity of texts', tag: 'Inference', body: scoresRequestSchema, answer: scoresSchema })

/** `POST /v1/score` */
export const scoreRoute = ({ resolve, hashFirst, runner }: { resolve: ResolveModel; hashFirst: HashFirst; runner: Runner }) =>
  new Hono<Variables>().post('/v1/score', description, async (c) => {
    const { model, input, prompt, tokenLogprobs, stride } = await readRequest(c, scoresRequestSchema)
    const { signal } = c.req.raw
    const principal = c.get('principal')
    const texts = typeof input === 'string' ? [input] : input
    const { resolved, answer } = await hashFirst(
      ({ fresh }) => resolve(model, { principal, fresh, signal }),
      (found) => runner.score({ model: found.base.name, composition: soleComposition(found, 'score'), texts, prompt, tokenLogprobs, stride }, signal),
      signal,
    )
    nameComposition(c, resolved)
    return sendJson(c, { object: 'list', model, data: answer.map((result, index) => ({ object: 'score', index, ...result })) })
  })

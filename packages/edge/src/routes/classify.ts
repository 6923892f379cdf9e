import { classifyRequestSchema, classifyResponseSchema, parseWire } from '@weft/core'
import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { noClassifier } from '../errors.ts'
import { nameComposition } from '../generation/generate.ts'
import { readJson, sendJson, type Variables } from '../http.ts'
import { endpoint } from '../openapi.ts'
import type { HashFirst } from '../resolve/hash-first.ts'
import { digestsOf } from '../resolve/pack-model.ts'
import type { ResolveModel, ResolvedModel } from '../resolve/resolve-model.ts'
import type { Runner } from '../runner/runner.ts'

const description = endpoint({ summary: 'Label texts, or their words', tag: 'Inference', body: classifyRequestSchema, answer: classifyResponseSchema })

/** Of what is left: a head of strength 0 is none. */
const hasHead = ({ adapters, canonical }: ResolvedModel): boolean => digestsOf(canonical.terms).some((digest) => adapters.get(digest)!.manifest.sites.includes('head'))

/** `POST /v1/classify` */
export const classifyRoute = ({ resolve, hashFirst, runner }: { resolve: ResolveModel; hashFirst: HashFirst; runner: Runner }) =>
  new Hono<Variables>().post('/v1/classify', describeRoute(description), async (c) => {
    const { model, input } = parseWire(classifyRequestSchema, await readJson(c))
    const { signal } = c.req.raw
    const principal = c.get('principal')
    const inputs = typeof input === 'string' ? [input] : input
    const { resolved, answer } = await hashFirst(
      ({ fresh }) => resolve(model, { principal, fresh, signal }),
      (found) => {
        if (!hasHead(found)) throw noClassifier(model)
        return runner.classify({ model: found.base.name, composition: found.key, inputs }, signal)
      },
      signal,
    )
    nameComposition(c, resolved)
    return sendJson(c, { object: 'list', model, data: answer.map((result, index) => ({ object: 'tokens' in result ? 'token_classification' : 'classification', index, ...result })) })
  })

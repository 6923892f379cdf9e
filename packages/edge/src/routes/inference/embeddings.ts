import { type EmbeddingsRequest, embeddingsRequestSchema, embeddingsResponseSchema } from '@weft/protocol'
import { Hono } from 'hono'
import type { AskModel } from '../../asking/ask-model.ts'
import { unsupportedParameter } from '../../errors.ts'
import { patientAnswer } from '../../http/answer.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import { twinCannot } from '../../resolve/errors.ts'
import { soleComposition } from '../../resolve/resolve-model.ts'
import type { Inference } from '../../runner/inference.ts'

const description = endpoint({ summary: 'Vectors of texts', tag: 'Inference', body: embeddingsRequestSchema, answer: embeddingsResponseSchema })

/** `POST /v1/embeddings` */
export const embeddingsRoute = ({ ask, inference }: { ask: AskModel; inference: Inference }) =>
  new Hono<Variables>().post('/v1/embeddings', description, async (c) => {
    const { model, input, truncate, pooling, encodingFormat, dimensions } = await readRequest(c, embeddingsRequestSchema)
    if (typeof dimensions === 'number') throw unsupportedParameter('dimensions', { why: "vectors have the base model's own" })
    const inputs = inputsOf(input)
    return patientAnswer(c, async (waiting) => {
      const {
        answer: { results, usage },
      } = await ask(
        c,
        model,
        async (found, caller) => {
          if (found.twin !== undefined) throw twinCannot('embed texts')
          return inference.embed({ model: found.base.name, composition: soleComposition(found, 'embed texts'), inputs, truncate, pooling }, caller)
        },
        waiting,
      )
      const encode = encodingFormat === 'base64' ? base64 : (vector: Float32Array) => [...vector]
      return {
        object: 'list',
        model,
        data: results.map(({ embedding }, index) => ({ object: 'embedding', index, embedding: encode(unit(embedding)) })),
        usage: { promptTokens: usage.promptTokens, totalTokens: usage.totalTokens },
      }
    })
  })

/** A list of numbers is one input of tokens; any other list is one input each. */
const inputsOf = (input: EmbeddingsRequest['input']): (string | number[])[] =>
  typeof input === 'string' ? [input] : typeof input[0] === 'number' ? [input as number[]] : (input as (string | number[])[])

/** Of length 1, as OpenAI's are: a product of two is their cosine. */
const unit = (vector: readonly number[]): Float32Array => {
  const length = Math.hypot(...vector) || 1
  return Float32Array.from(vector, (value) => value / length)
}

const base64 = (vector: Float32Array): string => {
  const bytes = new Uint8Array(vector.length * 4)
  const view = new DataView(bytes.buffer)
  vector.forEach((value, i) => view.setFloat32(4 * i, value, true))
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

import { isWeftError, WeftError } from '@weft/adapters'
import * as z from 'zod/mini'

/** Every refusal's body. `type` is OpenAI's; `code` is what programs should look at. */
export const errorBodySchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    type: z.optional(z.string()),
    param: z.optional(z.nullable(z.string())),
    details: z.optional(z.record(z.string(), z.unknown())),
  }),
})

export type ErrorBody = z.infer<typeof errorBodySchema>

/** The body that tells of an error. Details are data and keep their keys. */
export function errorBody(error: WeftError): ErrorBody {
  return {
    error: {
      code: error.code,
      message: error.message,
      type: typeOf(error),
      param: error.param ?? null,
      ...(error.details ? { details: error.details } : {}),
    },
  }
}

const typeOf = ({ status, fault }: WeftError): string => (status === 429 ? 'rate_limit_error' : fault === 'ours' ? 'server_error' : 'invalid_request_error')

/** An error read back from a response: what the other side threw. */
export function errorFromBody(status: number, body: unknown): WeftError {
  const parsed = errorBodySchema.safeParse(body)
  if (!parsed.success) return new WeftError('unexpected_response', `status ${status} without a readable error`, { status })
  const { code, message, param, details } = parsed.data.error
  return new WeftError(code, message, { status, ...(param ? { param } : {}), ...(details ? { details } : {}) })
}

export { isWeftError }

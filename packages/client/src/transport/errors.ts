import { WeftError } from '@weft/adapters'
import { errorFromBody } from '@weft/protocol'

/** What the edge refused, or where it failed. Programs rely on `code`, and on `param` where a field is at fault; `requestId` finds it in the log. */
export class WeftApiError extends WeftError {
  readonly requestId: string | undefined
  /** Seconds after which the edge says that it makes sense to ask again. */
  readonly retryAfter: number | undefined

  constructor({ code, message, status, fault, param, details }: WeftError, headers: Pick<Headers, 'get'>) {
    super(code, message, { status, fault, ...(param === undefined ? {} : { param }), ...(details === undefined ? {} : { details }) })
    this.requestId = headers.get('x-request-id') ?? undefined
    this.retryAfter = retryAfterOf(headers)
  }
}

/** The error of an answer that is none of success. */
export const apiError = async (response: Response): Promise<WeftApiError> =>
  new WeftApiError(errorFromBody(response.status, await response.json().catch(() => undefined)), response.headers)

export const edgeUnreachable = (baseUrl: string, cause: unknown) =>
  new WeftError('edge_unreachable', `Nothing answers at ${baseUrl}. Is it running? \`npx weft dev\` starts it.`, { status: 503, cause })

export const notFinite = (field: string, value: number) =>
  new WeftError('invalid_request', `${field}: ${value} cannot be sent; expected a finite number`, { status: 400, param: field })

export const notOfAHeader = (name: string) =>
  new WeftError('invalid_request', `${name}: it travels in a header, which takes one line of ASCII characters alone`, { status: 400, param: name })

export const notAnAddress = (baseUrl: string) =>
  new WeftError('invalid_request', `baseUrl: ${JSON.stringify(baseUrl)} is no address; expected one such as http://127.0.0.1:8787`, {
    status: 400,
    param: 'baseUrl',
  })

/** No request takes them, and whatever tells the address would tell them. */
export const addressWithPassword = (host: string) =>
  new WeftError('invalid_request', `baseUrl: the address of ${host} has a user or a password in it, which are not sent; leave them out, and give an API key`, {
    status: 400,
    param: 'baseUrl',
  })

/** @param to where it sends on to, where that is told */
export const edgeMoved = (baseUrl: string, to: string | undefined) =>
  new WeftError('invalid_request', `baseUrl: ${baseUrl} sends requests on to ${to ?? 'another address'}; name the address where the edge itself answers`, {
    status: 400,
    param: 'baseUrl',
  })

/** An answer of success that is no JSON, such as the page of another server. */
export const notAnEdge = (contentType: string | null, cause: unknown) =>
  new WeftError(
    'unexpected_response',
    `The answer is no JSON${contentType ? ` but ${contentType}` : ''}: what answers at this address seems to be no Weft edge.`,
    {
      status: 502,
      cause,
    },
  )

/** An event of a stream that is no JSON object, such as what a proxy puts between. */
export const notAnEvent = (data: string, cause?: unknown) =>
  new WeftError('unexpected_response', `The stream has an event that is no JSON object: ${data.slice(0, 80)}`, { status: 502, cause })

export const requestTimedOut = (ms: number, cause?: unknown) =>
  new WeftError('request_timeout', `There was no answer within ${ms} ms. Wait longer with timeoutMs, or ask for less.`, { status: 504, cause })

export const streamBroken = (cause?: unknown) => new WeftError('stream_broken', 'The stream ended before it was complete.', { status: 502, cause })

/** `retry-after` in seconds: a number, or a date. */
function retryAfterOf(headers: Pick<Headers, 'get'>): number | undefined {
  const said = headers.get('retry-after')
  if (said === null) return undefined
  const seconds = /^\d+(\.\d+)?$/.test(said.trim()) ? Number(said) : (Date.parse(said) - Date.now()) / 1000
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}

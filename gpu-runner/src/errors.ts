import { type Fault, WeftError } from '@weft/adapters'
import { deadlineHeader } from '@weft/protocol'

const refuse = (status: number, code: string, message: string, extra: { param?: string; details?: Record<string, unknown>; fault?: Fault } = {}) =>
  new WeftError(code, message, { status, ...extra })

export const unauthorized = () => refuse(401, 'unauthorized', 'The request carries no valid runner token. Send `authorization: Bearer <WEFT_RUNNER_TOKEN>`.')

export const loopbackOnly = (address: string) =>
  refuse(
    401,
    'loopback_only',
    `Without WEFT_RUNNER_TOKEN this runner answers loopback only, and the request came from ${address}. Set the token on both sides.`,
  )

/** `places` says that it holds for whatever is asked of this runner. */
export const tooManyRequests = (most: number, whose: string, seconds: number) =>
  refuse(429, 'too_many_waiting', `${whose} has ${most} requests in hands, and no more are taken. Ask again in ${seconds} s, or add a runner.`, {
    details: { places: most, retry_after: seconds },
  })

/** Of bodies: a smaller one may be taken. */
export const tooManyBytes = (held: number, most: number, whose: string, seconds: number) =>
  refuse(
    429,
    'too_many_waiting',
    `${whose} has requests of ${held} bytes in hands, of ${most} at most. Ask again in ${seconds} s, send less at once, or add a runner.`,
    { details: { bytes: most, retry_after: seconds } },
  )

export const runnerStopping = () =>
  refuse(503, 'runner_stopping', 'This runner is about to end: it finishes what it has begun, and takes nothing new. Ask another runner.')

export const routeNotFound = (method: string, path: string) => refuse(404, 'route_not_found', `There is no ${method} ${path} here.`)

export const invalidJson = (reason: string) => refuse(400, 'invalid_json', `Not JSON: ${reason}`)

export const invalidForm = (reason: string) => refuse(400, 'invalid_form', `The body is not multipart/form-data: ${reason}`)

export const bodyTooLarge = (limit: number) => refuse(413, 'body_too_large', `The body is larger than ${limit} bytes, the most this route takes.`)

export const bodyMissing = (part: string) => refuse(422, 'body_part_missing', `The request lacks "${part}".`, { param: part })

export const jobForAnotherModel = (wanted: { name: string; fingerprint: string }, held: string) =>
  refuse(
    409,
    'wrong_base_model',
    `The job is for the base model "${wanted.name}" with fingerprint ${wanted.fingerprint}; this runner's "${wanted.name}" has ${held}. Submit it for the model that is served.`,
    { param: 'model' },
  )

export const jobNotFound = (id: string) =>
  refuse(404, 'job_not_found', `This runner does not know the job "${id}". After a restart it knows none; submit it again with the last checkpoint.`, {
    param: 'id',
  })

export const jobExists = (id: string) =>
  refuse(409, 'job_exists', `The job "${id}" is already here with another request. Delete it first, or use another id.`, { param: 'id' })

export const jobNotReady = (id: string, what: string, status: string) =>
  refuse(404, `${what}_not_ready`, `The job "${id}" has no ${what} yet; its status is ${status}.`, { param: 'id' })

export const invalidConfig = (reason: string) => refuse(500, 'invalid_config', `The runner's configuration: ${reason}`)

export const deadlineExceeded = (ms: number) =>
  refuse(504, 'deadline_exceeded', `The request was given ${ms} ms, and they are over. Ask for less, or give it more time.`, { fault: 'caller' })

export const invalidDeadline = (header: string, most: number) =>
  refuse(400, 'invalid_deadline', `"${header}" is no deadline: expected the milliseconds that are left, an integer of at most ${most}.`, {
    param: deadlineHeader,
  })

/** Told to nobody but the log. */
export const clientLeft = () => refuse(499, 'client_left', 'The client left before it was answered.')

import { WeftError } from '@weft/adapters'

export const batchIsFinal = (id: string, status: string) =>
  new WeftError('batch_is_final', `Batch "${id}" is ${status} already; there is nothing to cancel.`, { status: 409 })

export const batchLineInvalid = (reason: string) => new WeftError('invalid_json_line', `The line cannot be read as JSON: ${reason}`)

export const batchLineTooLong = (line: number, limit: number) =>
  new WeftError('line_too_long', `Line ${line} has more than ${limit} bytes. Send fewer texts in one request.`, { details: { line, limit } })

export const batchUrlMismatch = (url: string, endpoint: string) =>
  new WeftError('mismatched_url', `The request goes to "${url}", the batch to "${endpoint}"; all requests of a batch go to its endpoint.`, { param: 'url' })

export const customIdRepeated = (id: string, line: number) =>
  new WeftError('duplicate_custom_id', `"${id.slice(0, 64)}" is the custom_id of line ${line} already; each request needs one of its own.`, {
    param: 'custom_id',
  })

export const batchTooManyLines = (limit: number) => new WeftError('too_many_tasks', `The file has more than ${limit} requests. Make several batches of it.`)

export const batchTooManyModels = (limit: number) =>
  new WeftError('too_many_models', `The requests of one batch name at most ${limit} different models. Make several batches of it.`, { param: 'body.model' })

export const batchInputEmpty = () =>
  new WeftError('empty_file', 'The file has no requests; expected JSON lines like {"custom_id": "…", "method": "POST", "url": "…", "body": {…}}.')

export const batchExpired = () => new WeftError('batch_expired', 'This request was not answered within the completion window.', { status: 504 })

export const batchRequestGivenUp = (times: number) =>
  new WeftError('runner_unavailable', `No runner got through this request in ${times} attempts, the last of them alone, so it was given up. Ask for less.`, {
    status: 503,
  })

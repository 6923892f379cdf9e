import { WeftError } from '@weft/adapters'
import { quoted, someDetails, someQuoted } from '@weft/adapters/error-text'

/** Clients that have no code to go by look for the first words, which are OpenAI's. */
export const invalidApiKey = () =>
  new WeftError('invalid_api_key', 'Incorrect API key provided, or none. Send the right one as `authorization: Bearer KEY`.', { status: 401 })

export const localKeyElsewhere = () =>
  new WeftError('invalid_api_key', 'This key is good on loopback only. A deployment that is reached from elsewhere has a key of its own (API_KEY_SHA256).', {
    status: 401,
  })

export const hostNotAllowed = (host: string) =>
  new WeftError('host_not_allowed', `This edge was started for this machine alone and answers as 127.0.0.1, localhost or [::1], not as "${host}".`, {
    status: 403,
  })

export const originNotAllowed = (origin: string) =>
  new WeftError('origin_not_allowed', `This edge was started for this machine alone; pages of "${origin}" may not ask it. Serve the page from localhost.`, {
    status: 403,
  })

export const unknownUrl = (method: string, path: string) =>
  new WeftError('unknown_url', `There is no ${method} ${path}. GET /openapi.json lists what there is.`, { status: 404 })

export const methodNotAllowed = (method: string, path: string, allowed: readonly string[]) =>
  new WeftError('method_not_allowed', `${path} does not take ${method}; it takes ${allowed.join(', ')}. GET /openapi.json lists what there is.`, {
    status: 405,
    details: { allowed },
  })

export const clientLeft = () => new WeftError('client_closed_request', 'The client left before there was an answer.', { status: 499 })
export const internalError = () => new WeftError('internal_error', 'Something failed inside the edge. Its log says more.', { status: 500 })

export const invalidJson = (reason: string) => new WeftError('invalid_json', `The body cannot be read as JSON: ${reason}`)

export const jobTooLarge = (bytes: number, limit: number) =>
  new WeftError('job_too_large', `The adapters that the job names have ${bytes} bytes together; at most ${limit} go along with a job. Name fewer.`, {
    status: 413,
    details: { bytes, limit },
  })

export const manifestTooLarge = (bytes: number, limit: number) =>
  new WeftError('manifest_too_large', `The adapter's manifest has ${bytes} characters; at most ${limit} are kept. Its labels or its config are too long.`, {
    status: 413,
    details: { bytes, limit },
  })

export const unexpectedBody = () => new WeftError('unexpected_body', 'This endpoint takes no body, and what this one says would not be done.')

export const unknownField = (name: string, suggestions: readonly string[]) =>
  new WeftError('invalid_request', `unknown field "${name.slice(0, 64)}"${suggestions.length ? `; did you mean "${suggestions[0]}"?` : ''}`, {
    param: name.slice(0, 64),
    details: { suggestions },
  })

export const invalidRequest = (reason: string, param?: string) =>
  new WeftError('invalid_request', param ? `${param}: ${reason}` : reason, param ? { param } : {})

export const invalidCursor = (cursor: string, param: string) =>
  new WeftError(
    'invalid_cursor',
    `${param}: this list has no item "${cursor.slice(0, 64)}". Take the id of the last item of the page before, or leave it out.`,
    { param },
  )

/** @param only what is accepted, as JSON; nothing is when absent. `why`: what to do instead */
export const unsupportedParameter = (param: string, { only, why }: { only?: string; why?: string } = {}) =>
  new WeftError(
    'unsupported_parameter',
    `${param}: ${only === undefined ? 'this parameter is not supported here. Leave it out' : `only \`${only}\` is accepted here`}${why ? `: ${why}` : ''}.`,
    { param },
  )

export const adapterFileMissing = (id: string, digest: string) =>
  new WeftError('adapter_file_missing', `"${id}" is published, but its file ${digest} is not in the store. Publish it again.`, { status: 500 })

/** No job and no batch waits for it to come back: what needs it ends. */
export const fileContentMissing = (id: string, param: string) =>
  new WeftError(
    'file_content_missing',
    `The file "${id}" is known, but its content is not in the store. Upload it again, or have a copy of the storage put back that is as new as the database.`,
    { status: 404, fault: 'ours', param },
  )

export const adapterFileDamaged = (id: string, digest: string) =>
  new WeftError(
    'adapter_file_damaged',
    `The stored file of "${id}" is damaged: its bytes are no longer those of ${digest}. Publish the same file again (under any name), which mends it.`,
    { status: 500, param: 'model', details: { adapter: id, digest } },
  )

export const trainingFileDamaged = (id: string, param = 'file_id') =>
  new WeftError('file_damaged', `The stored content of "${id}" is damaged: it is no longer what was uploaded. Upload the file again, and use the new one.`, {
    status: 500,
    param,
    details: { file: id },
  })

export const fileInUse = (id: string, jobs: readonly string[]) =>
  new WeftError('file_in_use', `"${id}" is needed by ${someQuoted(jobs)}, which ${jobs.length > 1 ? 'have' : 'has'} not ended. Cancel, or wait.`, {
    status: 409,
    param: 'file_id',
    details: someDetails('jobs', jobs),
  })

export const adapterInUse = (id: string, jobs: readonly string[]) =>
  new WeftError('adapter_in_use', `"${id}" is needed by ${someQuoted(jobs)}, which ${jobs.length > 1 ? 'have' : 'has'} not ended. Cancel, or wait.`, {
    status: 409,
    param: 'id',
    details: someDetails('jobs', jobs),
  })

export const storageFull = (cause: unknown) =>
  new WeftError(
    'storage_full',
    `The store did not take what was to be written (${cause instanceof Error ? cause.message : cause}). The usual cause is a full disk: make room, and try again.`,
    {
      status: 507,
      cause,
    },
  )

export const databaseSilent = (ms: number) => new WeftError('database_unavailable', `The database has not answered for ${ms} ms.`, { status: 503 })

export const storageReadOnly = (cause: Error) =>
  new WeftError(
    'storage_read_only',
    `The store may not be written (${cause.message}). Whatever it lies on is read-only, or whoever runs the edge may not write there: change that, and try again.`,
    { status: 507, cause },
  )

export const databaseDamaged = (reason: string) =>
  new WeftError(
    'database_damaged',
    `The database cannot be read: ${reason}. Put a copy of it back. With \`weft serve\` it is what --database names, with \`npm start\` the SQLite file under v3/d1 of the state folder.`,
    {
      status: 500,
    },
  )

export const databaseIncomplete = (missing: readonly string[]) =>
  new WeftError(
    'database_incomplete',
    `The database has no ${quoted(missing)}, which newer migrations make. On Cloudflare, apply them (\`wrangler d1 migrations apply DB\`); \`weft serve\` and \`npm start\` do so when they start. Where they have been applied, it was taken away: put a copy of the database back.`,
    {
      status: 500,
      details: { missing },
    },
  )

export const noModel = (name: string) =>
  new WeftError('runner_unavailable', `The runner has not loaded the base model "${name}" yet. Try again shortly.`, { status: 503 })

export const classifierDoesNotGenerate = (expression: string) =>
  new WeftError('classifier_does_not_generate', `"${expression}" has a classifier head: it labels texts. Ask npx weft classify, or POST /v1/classify.`, {
    param: 'model',
  })

export const tooManyChoices = (choices: number, most: number) =>
  new WeftError('invalid_request', `n: ${choices} answers are asked for (prompts × n); at most ${most} are given at once. Send several requests.`, {
    param: 'n',
    details: { choices, most },
  })

export const routeIsConfigured = (name: string) =>
  new WeftError('route_is_configured', `The route "${name}" comes from weft.config.ts. Change it there, or PUT one of the same name over it.`, {
    status: 409,
    param: 'name',
  })

/** A route and an adapter of one name: whichever is found first would hide the other. */
export const nameOfAdapter = (name: string) =>
  new WeftError('name_taken', `"${name}" is an adapter. A route of the same name would hide it: name the route otherwise, or delete the adapter first.`, {
    status: 409,
    param: 'name',
  })
export const nameInTraining = (name: string, job: string) =>
  new WeftError(
    'name_taken',
    `"${name}" is being trained by the job ${job}, and a route of the same name would hide it: name the route otherwise, or cancel the job first.`,
    { status: 409, param: 'name', details: { job } },
  )
export const nameOfRoute = (name: string, param = 'name') =>
  new WeftError('name_taken', `"${name}" is a route, which would hide an adapter of the same name: name the adapter otherwise, or delete the route first.`, {
    status: 409,
    param,
  })

export const requestTooLarge = (limit: number) =>
  new WeftError('request_too_large', `The JSON body is larger than the ${limit} bytes allowed. Send fewer texts at a time.`, {
    status: 413,
    details: { limit },
  })

export const compositionTooLarge = (bytes: number, limit: number) =>
  new WeftError(
    'composition_too_large',
    `The composition's adapters have ${bytes} bytes together, each counted as often as it is named; at most ${limit} are composed. Leave some out.`,
    { status: 413, param: 'model', details: { bytes, limit } },
  )

export const bodyTooLarge = (bytes: number | undefined, limit: number, param = 'file') =>
  new WeftError(
    'file_too_large',
    `The body ${bytes === undefined ? 'is larger than' : `has ${bytes} bytes, more than`} the ${limit} bytes allowed. Split it, or raise MAX_FILE_BYTES.`,
    { status: 413, param, details: { limit } },
  )

export const notDeletable = (id: string, kind: string) =>
  new WeftError(
    'model_not_deletable',
    kind === 'route'
      ? `"${id}" is a route. Delete it with DELETE /v1/routes/${id}.`
      : `"${id}" is a base model, which the runner's configuration names. Only adapters are deleted here.`,
    { status: 409, param: 'model' },
  )

export const jobIsFinal = (id: string, status: string, verb = 'cancel') =>
  new WeftError('job_is_final', `Job "${id}" is ${status} already; there is nothing to ${verb}.`, { status: 409 })

export const jobNotPaused = (id: string, status: string) =>
  new WeftError('job_not_paused', `Job "${id}" is ${status}; only a paused job is resumed.`, { status: 409 })

export const runnerUnavailable = (reason: string, cause?: unknown) =>
  new WeftError('runner_unavailable', `The runner cannot be reached (${reason}). It may be starting; try again shortly.`, { status: 503, cause })

export const runnerDied = (times: number, step: number) =>
  new WeftError(
    'runner_died',
    `The runner died or hung ${times} times with this job in hands, each time before it got beyond step ${step}, so the job was given up. Ask for less (a smaller batch, shorter rows, another method), or look into the runner's log.`,
    { status: 500, details: { times, step } },
  )

export const deadlineExceeded = (milliseconds: number) =>
  new WeftError('deadline_exceeded', `There was no answer within ${milliseconds} ms, so the request was given up. Ask for less, or give it more time.`, {
    status: 504,
    details: { milliseconds },
  })

export const invalidDeadline = (header: string, value: string, least: number) =>
  new WeftError('invalid_deadline', `The header ${header} is "${value.slice(0, 40)}"; expected a whole number from ${least}.`, { param: header })

export const siteNotServed = (site: string, model: string, served: readonly string[], why?: string) =>
  new WeftError(
    'site_not_served',
    `The runner of "${model}" does not serve this composition's "${site}"${why ? `: ${why}` : ''}. It serves adapters that act on ${quoted(served)}.`,
    { status: 422, param: 'model', details: { site, served, ...(why && { why }) } },
  )

export const runnerTimeout = (milliseconds: number) =>
  new WeftError('runner_timeout', `The runner said nothing for ${milliseconds} ms, so the request was given up.`, { status: 504 })

export const runnerProtocol = (what: string) =>
  new WeftError('runner_protocol', `The runner's answer is not the protocol: ${what}. Do the runner's version and the Worker's belong together?`, {
    status: 502,
  })

/** What the runner refused, passed on in its own words. */
export const refusedByRunner = (status: number, error: { code: string; message: string; param?: string; details?: Record<string, unknown> }) =>
  new WeftError(error.code, error.message, {
    status,
    ...(error.param === undefined ? {} : { param: error.param }),
    ...(error.details === undefined ? {} : { details: error.details }),
  })

/** The same, said of the field that the client wrote. */
export const ofField = ({ code, message, status, details }: WeftError, param: string) =>
  new WeftError(code, `${param}: ${message}`, { status, param, ...(details === undefined ? {} : { details }) })

export const outputsNotSupported = (operator: string, what: string) =>
  new WeftError(
    'outputs_not_supported',
    `${operator}(…) combines the next tokens of several compositions: generate and score with it, or classify by "choices". To ${what}, ask one of them, or compose inside the model with "+".`,
    { param: 'model' },
  )

/** @param oldest the last that is there, going back from the one that was named */
export const conversationBroken = (id: string, oldest: string, missing: string) =>
  new WeftError(
    'response_not_found',
    `"${id}" goes on from ${id === oldest ? '' : `"${oldest}", and that from `}"${missing}", which was deleted or has expired: the conversation has lost its beginning. Send its items as "input".`,
    { status: 404, param: 'previous_response_id', details: { name: missing } },
  )

export const storingIsOff = () =>
  new WeftError('storing_is_off', 'store: this deployment keeps no answers (responses.retentionDays is 0). Leave it out, or say false.', { param: 'store' })

export const tooLargeToStore = (bytes: number, limit: number, param: string) =>
  new WeftError(
    'too_large_to_store',
    `${param}: it has ${bytes} bytes, and at most ${limit} are kept in one piece. Say "store": false and send the conversation with each request, or send less.`,
    { status: 413, param, details: { bytes, limit } },
  )

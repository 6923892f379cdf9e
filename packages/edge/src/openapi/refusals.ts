import { errorBodySchema } from '@weft/protocol'
import * as z from 'zod/mini'
import { type Operation, operationsOf, type Paths } from './operation.ts'

/** What each status says, wherever it is answered; the `code` says which of its reasons it is. */
const meanings: Readonly<Record<number, { name: string; description: string; retry?: true }>> = {
  400: {
    name: 'BadRequest',
    description: 'Something in the request is not what it should be; `param` names it (`invalid_request`, `unsupported_parameter`, `expression_syntax`, …)',
  },
  401: { name: 'NotAuthenticated', description: 'The API key is missing or wrong (`invalid_api_key`), has expired or was revoked' },
  403: { name: 'Forbidden', description: 'The key may not do this (`role_forbidden`, `outside_scopes`), nor this host or page' },
  404: { name: 'NotFound', description: 'What is named is not there; `details.suggestions` has what is like it' },
  409: { name: 'Conflict', description: 'What there is stands in the way: it is used, taken, final, or was changed meanwhile' },
  412: { name: 'PreconditionFailed', description: 'It is no longer what the request takes it for' },
  413: { name: 'TooLarge', description: 'More bytes than are taken at once' },
  422: { name: 'NotPossible', description: 'Understood, and not possible with this model, composition or file' },
  429: { name: 'TooMany', description: 'More than is taken at a time, or than this key may ask for; `retry-after` says when to ask again', retry: true },
  500: { name: 'ServerError', description: 'Our fault; `x-request-id` finds it in the log' },
  502: { name: 'BadRunner', description: 'The runner answers otherwise than it should (`runner_protocol`)' },
  503: { name: 'NoRunner', description: 'No runner answers (`runner_unavailable`); `retry-after` says when to ask again', retry: true },
  504: { name: 'TooLate', description: 'There was no answer in time (`deadline_exceeded`, `runner_timeout`)', retry: true },
  507: { name: 'NoRoom', description: 'The store did not take what was to be written (`storage_full`, `storage_read_only`)', retry: true },
}

const retryAfter = { 'retry-after': { description: 'Seconds after which it makes sense to ask again', schema: { type: 'integer' } } }

/** What they are called once in the document. */
export const refusalComponents = {
  schemas: { Error: z.toJSONSchema(errorBodySchema, { io: 'output' }) },
  responses: Object.fromEntries([
    ...Object.values(meanings).map(({ name, description, retry }) => [name, refusal(description, retry)]),
    ['Refused', refusal('What was wrong, by its `code`; 4xx is for the caller to mend')],
  ]),
}

function refusal(description: string, retry?: true) {
  return { description, ...(retry && { headers: retryAfter }), content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } }
}

/** Statuses of an operation, by what it takes and does. */
function statusesOf(path: string, verb: string, { requestBody, security }: Operation): number[] {
  return [
    400,
    ...(security?.length ? [401] : []),
    ...[403, 404, 429, 500, 502, 503, 504],
    ...(verb === 'get' ? [] : [409, 412, 507]),
    // What is looked up may be a composition, which is resolved.
    ...(verb === 'get' && path.endsWith('/{model}') ? [409, 422] : []),
    ...(requestBody || path.endsWith('/content') ? [413, 422] : []),
  ]
}

/** Says of every operation what it may refuse. */
export function withRefusals(paths: Paths): void {
  for (const { path, verb, operation } of operationsOf(paths)) {
    for (const status of statusesOf(path, verb, operation)) operation.responses[status] ??= { $ref: `#/components/responses/${meanings[status]!.name}` }
    operation.responses.default ??= { $ref: '#/components/responses/Refused' }
  }
}

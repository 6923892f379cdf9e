import { deadlineHeader, tenantHeader, traceHeader } from '@weft/protocol'
import { tellsMore } from '../auth/permissions.ts'
import { operationsOf, type Paths } from './operation.ts'

/** Headers that endpoints read, whichever they are. */
export const headerComponents = {
  RequestId: {
    in: 'header',
    name: 'x-request-id',
    required: false,
    description: 'What the request is called in answers and logs; one is made where it is absent',
    schema: { type: 'string' },
  },
  Deadline: {
    in: 'header',
    name: deadlineHeader,
    required: false,
    description: 'Milliseconds that the asker waits: after them the answer is 504, and the work ends',
    schema: { type: 'integer', minimum: 1 },
  },
  Trace: {
    in: 'header',
    name: traceHeader,
    required: false,
    description: "The caller's span, as W3C Trace Context writes it",
    schema: { type: 'string' },
  },
  Tenant: {
    in: 'header',
    name: tenantHeader,
    required: false,
    description: 'The tenant that is meant, of a key that may act on any',
    schema: { type: 'string' },
  },
}

export function withHeaderParameters(paths: Paths): void {
  for (const { path, operation } of operationsOf(paths)) {
    const names = Object.keys(headerComponents).filter((name) => name !== 'Tenant' || (operation.security?.length && !tellsMore(path)))
    operation.parameters = [...(operation.parameters ?? []), ...names.map((name) => ({ $ref: `#/components/parameters/${name}` }))]
  }
}

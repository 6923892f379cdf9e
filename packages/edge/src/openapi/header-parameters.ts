import { deadlineHeader } from '@weft/protocol'
import { operationsOf, type Paths } from './operation.ts'

/** Headers that every endpoint reads. */
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
}

export function withHeaderParameters(paths: Paths): void {
  const references = Object.keys(headerComponents).map((name) => ({ $ref: `#/components/parameters/${name}` }))
  for (const { operation } of operationsOf(paths)) operation.parameters = [...(operation.parameters ?? []), ...references]
}

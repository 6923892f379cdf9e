/** What the document says of one verb of a path. */
export interface Operation {
  operationId?: string
  tags?: string[]
  parameters?: { in?: string; name?: string; $ref?: string }[]
  requestBody?: { content?: Record<string, { schema?: { properties?: Record<string, unknown> } }> }
  responses: Record<string, object>
  security?: object[]
  'x-weft-roles'?: readonly string[]
}

export type Paths = Record<string, Record<string, Operation>>

export const operationsOf = (paths: Paths): { path: string; verb: string; operation: Operation }[] =>
  Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([verb, operation]) => ({ path, verb, operation })))

import { snakeCase } from '@weft/adapters'
import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import { type DescribeRouteOptions, describeRoute, resolver } from 'hono-openapi'
import * as z from 'zod/mini'
import type { $ZodType } from 'zod/v4/core'
import { permit } from '../auth/permit.ts'
import { readNoBody } from './body.ts'
import { refuseUnreadConditions } from './preconditions.ts'
import { noQuery, type QuerySchema, readQuery } from './query.ts'
import { readablePath } from './readable-path.ts'

type Schema = Parameters<typeof resolver>[0]
const of = (schema: $ZodType) => resolver(schema as unknown as Schema, { unrepresentable: 'any', io: 'input' })

interface Described {
  summary: string
  tag: string
  query?: QuerySchema
  /** Headers that it reads beside those that every endpoint does, and what each says. */
  headers?: Readonly<Record<string, string>>
  body?: $ZodType
  /** A body that may be left out, for `{}`: `readOptionalRequest` reads it. */
  optionalBody?: $ZodType
  answer?: $ZodType
  /** Other bodies and answers, by media type. */
  accepts?: Record<string, object>
  answers?: string[]
  /** Of a good answer. */
  status?: 200 | 201
}

/**
 * One endpoint, described from the same schemas that check its query and body and type its answer. As middleware it refuses
 * queries, conditions of a change, and bodies, that the description does not know.
 */
export function endpoint({ query = noQuery, headers = {}, ...described }: Described): MiddlewareHandler {
  const middleware = describeRoute(description({ query, headers, ...described }))
  const takesBody = (described.body ?? described.optionalBody ?? described.accepts) !== undefined
  return Object.assign(async (c: Parameters<MiddlewareHandler>[0], next: Parameters<MiddlewareHandler>[1]) => {
    const { method: verb } = c.req
    // HEAD asks what GET would answer, without its body: who may ask the one may ask the other.
    permit(c.get('principal'), verb === 'HEAD' ? 'GET' : verb, readablePath(routePath(c)))
    refuseUnreadConditions(c, headers)
    readQuery(c, query)
    if (!takesBody && verb !== 'GET' && verb !== 'HEAD') await readNoBody(c)
    if (described.answer) c.set('answer', described.answer)
    return middleware(c, next)
  }, middleware)
}

const description = ({
  summary,
  tag,
  query = noQuery,
  headers = {},
  optionalBody,
  body = optionalBody,
  answer,
  accepts = {},
  answers = [],
  status = 200,
}: Described): DescribeRouteOptions => ({
  summary,
  tags: [tag],
  parameters: [
    ...parametersOf(query),
    ...Object.entries(headers).map(([name, description]) => ({
      in: 'header' as const,
      name,
      required: false,
      description,
      schema: { type: 'string' as const },
    })),
  ],
  ...(body || Object.keys(accepts).length
    ? { requestBody: { required: !optionalBody, content: { ...(body ? { 'application/json': { schema: of(body) } } : {}), ...accepts } } }
    : {}),
  responses: {
    [status]: {
      description: 'Success',
      content: {
        ...(answer ? { 'application/json': { schema: of(answer) } } : {}),
        ...Object.fromEntries(answers.map((type) => [type, { schema: rawContent(type) }])),
      },
    },
  },
})

/** What is no JSON: text, or bytes. */
export const rawContent = (type: string): { type: 'string'; format?: 'binary' } => ({
  type: 'string',
  ...(type === 'application/octet-stream' && { format: 'binary' }),
})

function parametersOf(query: QuerySchema): NonNullable<DescribeRouteOptions['parameters']> {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { unrepresentable: 'any', io: 'input' })
  return Object.entries(properties).map(([name, schema]) => ({
    name: snakeCase(name),
    in: 'query' as const,
    required: required.includes(name),
    schema: schema as object,
  }))
}

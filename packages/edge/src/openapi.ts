import { snakeCase } from '@weft/adapters'
import { type DescribeRouteOptions, resolver } from 'hono-openapi'
import type { $ZodType } from 'zod/v4/core'

type Schema = Parameters<typeof resolver>[0]
const of = (schema: $ZodType) => resolver(schema as unknown as Schema, { unrepresentable: 'any', io: 'input' })

interface Described {
  summary: string
  tag: string
  body?: $ZodType
  answer?: $ZodType
  /** Other bodies and answers, by media type. */
  accepts?: string[]
  answers?: string[]
}

/** One endpoint's description, from the same schemas that check its body and type its answer. */
export const endpoint = ({ summary, tag, body, answer, accepts = [], answers = [] }: Described): DescribeRouteOptions => ({
  summary,
  tags: [tag],
  ...(body || accepts.length
    ? {
        requestBody: {
          content: {
            ...(body ? { 'application/json': { schema: of(body) } } : {}),
            ...Object.fromEntries(accepts.map((type) => [type, {}])),
          },
        },
      }
    : {}),
  responses: {
    200: {
      description: 'Success',
      content: {
        ...(answer ? { 'application/json': { schema: of(answer) } } : {}),
        ...Object.fromEntries(answers.map((type) => [type, {}])),
      },
    },
  },
})

/** Schemas are camelCase, as code is; the document is the wire's: names of properties become snake_case. */
export function onTheWire(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(onTheWire)
  if (node === null || typeof node !== 'object') return node
  const copy: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties' && value && typeof value === 'object')
      copy[key] = Object.fromEntries(Object.entries(value).map(([name, schema]) => [snakeCase(name), onTheWire(schema)]))
    else if (key === 'required' && Array.isArray(value)) copy[key] = value.map((name) => snakeCase(String(name)))
    else copy[key] = onTheWire(value)
  }
  return copy
}

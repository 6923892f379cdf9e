import * as z from 'zod/mini'

/** `answer`: what was asked; `twin`: what a route's text answered in its composition's place; `shadow`: copies that nobody read; `gate`: candidates that a publish gate measured. */
const kind = z.enum(['answer', 'twin', 'shadow', 'gate'])

const counts = {
  requests: z.int(),
  failed: z.int(),
  /** Of the failed, those that a limit turned away. */
  limited: z.int(),
  promptTokens: z.int(),
  completionTokens: z.int(),
}

/** Days in UTC, both included. */
const span = { from: z.string(), to: z.string() }

/** `GET /v1/usage` */
export const usageListSchema = z.object({
  object: z.literal('list'),
  tenant: z.string(),
  ...span,
  data: z.array(
    z.object({
      object: z.literal('usage'),
      day: z.string(),
      /** Null for requests that named no route. */
      route: z.nullable(z.string()),
      kind,
      ...counts,
      totalTokens: z.int(),
    }),
  ),
})
export type UsageList = z.infer<typeof usageListSchema>

/** `GET /v1/routes/:name/metrics` */
export const routeMetricsSchema = z.object({
  object: z.literal('route.metrics'),
  route: z.string(),
  ...span,
  data: z.array(
    z.object({
      version: z.int(),
      variant: z.optional(z.string()),
      kind,
      ...counts,
      /** Milliseconds of the requests that did not fail; null without any. */
      meanMs: z.nullable(z.number()),
      /** Milliseconds to the first token of those that were streamed. */
      meanFirstTokenMs: z.nullable(z.number()),
    }),
  ),
})
export type RouteMetrics = z.infer<typeof routeMetricsSchema>

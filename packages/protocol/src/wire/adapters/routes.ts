import * as z from 'zod/mini'
import { samplingFields } from '../inference/sampling.ts'
import { modelFieldSchema, textSchema } from '../inference/texts.ts'
import { policySchema } from '../policy/policy.ts'

/** Sampling parameters that a request gets unless it sets them. */
export const routeDefaultsSchema = z.partial(z.strictObject(samplingFields))
export type RouteDefaults = z.infer<typeof routeDefaultsSchema>

/** Shares of one route's requests: a variant gets its weight's part of the sum. */
const variantSchema = z.strictObject({
  name: z.string().check(z.maxLength(64), z.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'expected a name such as "canary"')),
  composition: modelFieldSchema,
  /** 0 takes it out of use. */
  weight: z.number().check(z.gte(0), z.lte(1_000_000)),
})
export type Variant = z.infer<typeof variantSchema>

/** A composition that gets copies of requests and answers nobody. */
const shadowSchema = z.strictObject({
  composition: modelFieldSchema,
  /** Of all requests, those that are copied. */
  share: z._default(z.number().check(z.gt(0), z.lte(1)), 1),
  /** Copies under way at once; more are left out. */
  concurrency: z._default(z.int().check(z.gte(1), z.lte(1000)), 4),
  /** Tokens that copies may cost in a day; no copy is made after that. */
  tokensPerDay: z._default(z.int().check(z.gte(1), z.lte(1e15)), 1_000_000),
})
export type Shadow = z.output<typeof shadowSchema>

/** Headers that hold credentials. */
const secretHeaders = ['authorization', 'proxy-authorization', 'cookie', 'x-api-key']

const routeFields = {
  description: z.optional(z.string().check(z.maxLength(1024))),
  defaults: z.optional(routeDefaultsSchema),
  policy: z.optional(policySchema),
  /** A text, or an expression of a base model and texts, that stands in where a runner cannot run the composition. */
  twin: z.optional(textSchema.check(z.minLength(1), z.maxLength(65_536))),
  /** The request header by which requests keep to a variant; the field `user` does where there is none. */
  stickyHeader: z.optional(
    z.string().check(
      z.maxLength(64),
      z.regex(/^[A-Za-z0-9-]+$/, 'expected the name of a header, such as "x-session-id"'),
      z.refine(
        (name) => !secretHeaders.includes(name.toLowerCase()),
        'this header is a secret, and not what tells sessions apart; expected one such as "x-session-id"',
      ),
    ),
  ),
}

/** `PUT /v1/routes/:name`: one composition, or variants that share the requests. */
export const putRouteSchema = z.strictObject({
  composition: z.optional(modelFieldSchema),
  variants: z.optional(z.array(variantSchema).check(z.minLength(1), z.maxLength(16))),
  shadow: z.optional(shadowSchema),
  ...routeFields,
})
export type PutRoute = z.input<typeof putRouteSchema>

export const routeSchema = z.object({
  id: z.string(),
  object: z.literal('route'),
  name: z.string(),
  /** With variants, that of the one with the largest weight. */
  composition: z.string(),
  variants: z.optional(z.array(variantSchema)),
  shadow: z.optional(shadowSchema),
  ...routeFields,
  /** Counts from 1, every change; 0 of a route of the deployment's config. */
  version: z.int(),
  updatedAt: z.int(),
})
export type RouteObject = z.infer<typeof routeSchema>
export const routeListSchema = z.object({ object: z.literal('list'), data: z.array(routeSchema) })

/** `POST /v1/routes/:name/rollback` */
export const rollbackRouteSchema = z
  .strictObject({
    /** The version that the next one repeats; the one before the newest when absent. */
    to: z.optional(z.int().check(z.gte(1))),
    /** The same, as it was called at first. */
    version: z.optional(z.int().check(z.gte(1))),
  })
  .check(
    z.refine(({ to, version }) => to === undefined || version === undefined || to === version, {
      path: ['to'],
      error: 'it is not what "version" says; name one of them',
    }),
  )
export type RollbackRoute = z.infer<typeof rollbackRouteSchema>

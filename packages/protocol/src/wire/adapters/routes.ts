import * as z from 'zod/mini'
import { samplingFields } from '../inference/sampling.ts'
import { modelFieldSchema } from '../inference/texts.ts'

/** Sampling parameters that a request gets unless it sets them. */
const routeDefaultsSchema = z.partial(z.strictObject(samplingFields))
export type RouteDefaults = z.infer<typeof routeDefaultsSchema>

/** `PUT /v1/routes/:name` */
export const putRouteSchema = z.strictObject({
  composition: modelFieldSchema,
  description: z.optional(z.string().check(z.maxLength(1024))),
  defaults: z.optional(routeDefaultsSchema),
})
export type PutRoute = z.infer<typeof putRouteSchema>

export const routeSchema = z.object({
  id: z.string(),
  object: z.literal('route'),
  name: z.string(),
  composition: z.string(),
  description: z.optional(z.string()),
  defaults: z.optional(routeDefaultsSchema),
  updatedAt: z.int(),
})
export type RouteObject = z.infer<typeof routeSchema>
export const routeListSchema = z.object({ object: z.literal('list'), data: z.array(routeSchema) })

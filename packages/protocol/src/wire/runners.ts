import * as z from 'zod/mini'

/** `GET /v1/runners`: what the isolate that answers knows of each, asked as the request came. */
export const runnerListSchema = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({
      object: z.literal('runner'),
      /** Its address. */
      id: z.string(),
      pool: z.string(),
      /** What it is asked for. */
      work: z.array(z.enum(['inference', 'training'])),
      /** `refused`: it answers, and is asked nothing, for one of the errors. */
      status: z.enum(['unknown', 'ok', 'starting', 'stopping', 'unreachable', 'refused']),
      device: z.nullable(z.string()),
      models: z.array(z.object({ name: z.string(), fingerprint: z.string() })),
      /** Requests of this isolate that it has in hands. */
      inFlight: z.int(),
      /** Requests that this isolate has given it, and failures of any kind, since the isolate began. */
      requests: z.int(),
      failures: z.int(),
      /** Its part of what this isolate gave all runners of late; null while that is nothing. */
      share: z.nullable(z.number()),
      jobs: z.nullable(z.object({ running: z.int(), queued: z.int() })),
      /** Why it is not asked, or not for some model. */
      errors: z.array(z.object({ code: z.string(), message: z.string() })),
    }),
  ),
})
export type RunnerList = z.infer<typeof runnerListSchema>

import { mapOf } from '@weft/adapters'
import * as z from 'zod/mini'
import { metadataSchema } from '../training/metadata.ts'

/** Where the requests of a batch may go; all of one batch go to one of them. */
export const batchEndpoints = ['/v1/chat/completions', '/v1/completions', '/v1/embeddings', '/v1/classify'] as const
const endpointSchema = z.enum(batchEndpoints)
export type BatchEndpoint = z.infer<typeof endpointSchema>

/** `24h`, as OpenAI's; other whole numbers of minutes, hours or days too. */
const windowSchema = z.string().check(z.regex(/^[1-9]\d{0,3}[mhd]$/, { error: 'expected a time such as "24h", "30m" or "7d"' }))

const unitSeconds: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 }
/** A completion window in seconds. */
export const windowSeconds = (window: string): number => Number.parseInt(window, 10) * unitSeconds[window.at(-1)!]!

/** `POST /v1/batches` */
export const createBatchSchema = z.strictObject({
  /** A file that was uploaded with the purpose `batch`. */
  inputFileId: z.string().check(z.minLength(1), z.maxLength(64)),
  endpoint: endpointSchema,
  completionWindow: windowSchema,
  metadata: z.optional(z.nullable(metadataSchema)),
})
export type CreateBatch = z.infer<typeof createBatchSchema>

/** One line of a batch's input file. The body is what the endpoint takes. */
export const batchLineSchema = z.strictObject({
  customId: z.string().check(z.minLength(1), z.maxLength(256)),
  method: z.literal('POST'),
  url: endpointSchema,
  body: mapOf(z.unknown()),
})

const batchStatusSchema = z.enum(['validating', 'failed', 'in_progress', 'finalizing', 'completed', 'expired', 'cancelling', 'cancelled'])
export type BatchStatus = z.infer<typeof batchStatusSchema>
export const isFinalBatch = (status: BatchStatus): boolean => ['failed', 'completed', 'expired', 'cancelled'].includes(status)

const time = z.nullable(z.int())

/** A batch as the outside sees it. Times are seconds since 1970. */
export const batchSchema = z.object({
  id: z.string(),
  object: z.literal('batch'),
  endpoint: endpointSchema,
  /** What is wrong with the input file, where the batch failed. */
  errors: z.nullable(
    z.object({
      object: z.literal('list'),
      data: z.array(z.object({ code: z.string(), message: z.string(), param: z.nullable(z.string()), line: z.nullable(z.int()) })),
    }),
  ),
  inputFileId: z.string(),
  completionWindow: z.string(),
  status: batchStatusSchema,
  /** Answers, a line for each request that has one, in the order of the input. */
  outputFileId: z.nullable(z.string()),
  /** The requests that failed, and those that the window was too short for. */
  errorFileId: z.nullable(z.string()),
  createdAt: z.int(),
  inProgressAt: time,
  expiresAt: z.int(),
  finalizingAt: time,
  completedAt: time,
  failedAt: time,
  expiredAt: time,
  cancellingAt: time,
  cancelledAt: time,
  /**
   * What names, aliases and routes in the requests stand for: `style/speech` for `style/speech@3`. They stood for it when the input was read and do so to the end,
   * whatever is published meanwhile. Null until then.
   */
  references: z.optional(z.nullable(z.array(z.object({ reference: z.string(), standsFor: z.string() })))),
  requestCounts: z.object({ total: z.int(), completed: z.int(), failed: z.int() }),
  metadata: z.nullable(metadataSchema),
})
export type BatchObject = z.infer<typeof batchSchema>

/** Newest first. */
export const batchListSchema = z.object({
  object: z.literal('list'),
  data: z.array(batchSchema),
  hasMore: z.boolean(),
  firstId: z.nullable(z.string()),
  lastId: z.nullable(z.string()),
})

import * as z from 'zod/mini'

const day = 86_400

/** `POST /v1/gc` */
export const collectGarbageSchema = z.strictObject({
  /** Only says what would go, and why each other thing stays. */
  dryRun: z._default(z.boolean(), false),
  /** What is younger stays. */
  graceSeconds: z._default(z.int().check(z.gte(0), z.lte(3650 * day)), 7 * day),
  /** The newest versions of a name that stay whatever uses them, so that there is something to roll back to. */
  keep: z._default(z.int().check(z.gte(1), z.lte(10_000)), 2),
})
export type CollectGarbage = z.input<typeof collectGarbageSchema>

const kindSchema = z.enum(['version', 'blob', 'checkpoint', 'file'])

/**
 * Why a thing stays. A version that an `alias`, a `route`, a `job` or a `batch` uses cannot be deleted either; the others go on without it (`bare_name`, `route_version`,
 * `calibration`, `share`, `adapter`: another one was trained over it), or are reasons of garbage collection alone (`newest`, `young`). `version` is an adapter's, whose file it is; `publish_gate` evaluates on it.
 */
const reasonCodeSchema = z.enum([
  'bare_name',
  'alias',
  'route',
  'route_version',
  'calibration',
  'adapter',
  'job',
  'batch',
  'share',
  'newest',
  'young',
  'version',
  'publish_gate',
  'used_meanwhile',
])
export type KeptReasonCode = z.infer<typeof reasonCodeSchema>

const reasonSchema = z.object({ code: reasonCodeSchema, message: z.string() })
export type KeptReason = z.infer<typeof reasonSchema>

/** What was removed, or would be. */
export const garbageSchema = z.object({
  object: z.literal('garbage_collection'),
  dryRun: z.boolean(),
  /** Bytes of all that was removed, or would be. A file that two versions share counts once it goes. */
  bytes: z.int(),
  removed: z.array(
    z.object({
      kind: kindSchema,
      /** `name@version`; a file's digest or id; `<job>/<step>` */
      id: z.string(),
      bytes: z.int(),
    }),
  ),
  /** There is more to remove than one request may; it goes when it is asked once more. */
  hasMore: z.optional(z.boolean()),
  /** What stays, each with every reason; in a dry run. `because` has the messages of `reasons`, in their order. */
  kept: z.optional(z.array(z.object({ kind: kindSchema, id: z.string(), because: z.array(z.string()), reasons: z.array(reasonSchema) }))),
})
export type Garbage = z.infer<typeof garbageSchema>
export type GarbageKind = z.infer<typeof kindSchema>

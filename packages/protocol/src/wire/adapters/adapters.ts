import { digestSchema, manifestSchema, taskTypeSchema } from '@weft/adapters'
import * as z from 'zod/mini'
import { gateSchema } from './gate.ts'
import { signatureSchema } from './signing-keys.ts'

/** A published adapter, one version of a name. */
export const adapterSchema = z.object({
  /** `name@version` */
  id: z.string(),
  object: z.literal('adapter'),
  name: z.string(),
  version: z.int(),
  /** What stands for this version; "latest" where the bare name does. */
  aliases: z.array(z.string()),
  /** Has not passed its publish gate: the bare name does not stand for it. */
  candidate: z.optional(z.literal(true)),
  /** What its publish gate found, where there is one. */
  gate: z.optional(gateSchema),
  digest: digestSchema,
  method: z.string(),
  base: z.object({ name: z.string(), fingerprint: z.string(), architecture: z.string() }),
  task: taskTypeSchema,
  labels: z.optional(z.array(z.string())),
  sites: z.array(z.string()),
  /** What it was made with, each as `name@version`: what the manifest's lineage requires. */
  madeWith: z.optional(z.array(z.string())),
  virtualTokens: z.object({ rows: z.int(), prefix: z.int() }),
  bytes: z.int(),
  createdAt: z.int(),
  jobId: z.optional(z.nullable(z.string())),
  signature: z.optional(signatureSchema),
  /** The tenant that shares it, where it is not the asker's own. */
  sharedBy: z.optional(z.string()),
  manifest: z.optional(manifestSchema),
})
export type AdapterObject = z.infer<typeof adapterSchema>
export const adapterListSchema = z.object({ object: z.literal('list'), data: z.array(adapterSchema), hasMore: z.optional(z.boolean()) })

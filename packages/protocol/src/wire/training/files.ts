import * as z from 'zod/mini'

/** `fine-tune` and `batch` are uploaded; the others are what a job or a batch left. */
export const filePurposeSchema = z.enum(['fine-tune', 'batch', 'batch_output', 'fine-tune-results'])
export type FilePurpose = z.infer<typeof filePurposeSchema>

/** A stored file; `POST /v1/files` takes multipart `file` and `purpose`. */
export const fileSchema = z.object({
  id: z.string(),
  object: z.literal('file'),
  bytes: z.int(),
  createdAt: z.int(),
  filename: z.string(),
  purpose: filePurposeSchema,
  /** sha256 of the content. */
  digest: z.string(),
  /** What validation found: the rows' kind, their number, the labels. */
  rows: z.optional(z.int()),
  kind: z.optional(z.enum(['text', 'completion', 'messages', 'label', 'tokens', 'pair', 'document'])),
  labels: z.optional(z.array(z.string())),
})
export type FileObject = z.infer<typeof fileSchema>

export const fileListSchema = z.object({ object: z.literal('list'), data: z.array(fileSchema), hasMore: z.boolean() })
export const deletedSchema = z.object({ id: z.string(), object: z.string(), deleted: z.literal(true) })
export type Deleted = z.infer<typeof deletedSchema>

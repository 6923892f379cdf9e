import { digestSchema } from '@weft/adapters'
import * as z from 'zod/mini'

const shape = z.nullable(z.array(z.int()))
const number = z.nullable(z.number())

const fileOf = z.nullable(
  z.object({
    digest: z.string(),
    /** As far as it is known: of a file that a job here was trained with. */
    rows: z.nullable(z.int()),
  }),
)

/** `GET /v1/adapters/{name}/diff?from=1&to=2` */
export const adapterDiffSchema = z.object({
  object: z.literal('adapter.diff'),
  from: z.object({ id: z.string(), digest: digestSchema }),
  to: z.object({ id: z.string(), digest: digestSchema }),
  /** Whether both are one file, byte for byte. */
  identical: z.boolean(),
  /** What the manifests say differently: the method, its config, hyperparameters, labels, and whatever else is no number of the training. */
  config: z.array(z.object({ path: z.string(), from: z.unknown(), to: z.unknown() })),
  /** What each was trained with. */
  data: z.array(z.object({ file: z.enum(['training', 'validation', 'reference']), from: fileOf, to: fileOf, same: z.boolean() })),
  /** Losses and metrics of the trainings. */
  metrics: z.array(z.object({ name: z.string(), from: number, to: number, change: number })),
  /**
   * How far apart the tensors are, by site: `relative` is the norm of the difference over the norm of the first, `cosine` that of the angle between them, over
   * all tensors that both have in the same shape; null where a norm is 0.
   */
  sites: z.array(
    z.object({
      site: z.string(),
      tensors: z.int(),
      values: z.int(),
      fromNorm: z.number(),
      toNorm: z.number(),
      distance: z.number(),
      relative: number,
      cosine: number,
    }),
  ),
  /** Tensors that cannot be compared: one has them alone, or in another shape; and texts that differ. */
  changed: z.array(z.object({ tensor: z.string(), from: shape, to: shape })),
})
export type AdapterDiff = z.infer<typeof adapterDiffSchema>

import { readSafetensors, toFloat32, writeSafetensors } from '@weft/adapters'
import type { WeightPrecision } from '@weft/model'
import { z } from 'zod'
import { checkpointMismatch, unreadableCheckpoint } from '../errors.ts'
import { type OtherPrecision, otherPrecision, weightPrecisionSchema } from '../precision/other-precision.ts'

const headerSchema = z.strictObject({
  format: z.literal('weft-pairs-checkpoint'),
  version: z.literal(1),
  run: z.string(),
  precision: weightPrecisionSchema,
  step: z.int().nonnegative(),
})

interface PairsRun {
  /** Identity of the run: a digest over its specification and files. */
  run: string
  /** What the frozen weights are held in. */
  precision: WeightPrecision
}

/** What computing from pairs resumes from: the sums `[L·H]` after so many batches. */
export const writePairsCheckpoint = ({ run, precision }: PairsRun, step: number, sums: Float32Array): Uint8Array<ArrayBuffer> =>
  writeSafetensors(
    { sums: { shape: [sums.length], data: sums } },
    { checkpoint: JSON.stringify({ format: 'weft-pairs-checkpoint', version: 1, run, precision, step } satisfies z.infer<typeof headerSchema>) },
  )

/** Puts the sums back, in place, and gives the batches that are done. Errors 422 `unreadable_checkpoint`, `checkpoint_mismatch`. */
export const readPairsCheckpoint = (bytes: Uint8Array, { run, precision, onWarning }: PairsRun & OtherPrecision, sums: Float32Array): number => {
  const { header, held } = parse(bytes)
  if (header.run !== run) throw checkpointMismatch('it was made from another specification, base model or other files')
  if (held.length !== sums.length) throw checkpointMismatch(`sums has ${held.length} elements instead of ${sums.length}`)
  otherPrecision(header, { precision, onWarning })
  sums.set(held)
  return header.step
}

const parse = (bytes: Uint8Array) => {
  try {
    const { tensors, metadata } = readSafetensors(bytes)
    return { header: headerSchema.parse(JSON.parse(metadata.checkpoint ?? 'null')), held: toFloat32(tensors.sums, 'sums') }
  } catch (cause) {
    throw unreadableCheckpoint((cause as Error).message, cause)
  }
}

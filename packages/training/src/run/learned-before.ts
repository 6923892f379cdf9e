import type { AdapterManifest } from '@weft/adapters'
import { type NumberedRow, splitHeldOut, type TrainingSpec } from '@weft/protocol'

/**
 * Rows set aside that what a run starts from was trained on: another seed sets others aside, and beside a validation file none is. What is measured on them is
 * measured on what may be known by heart.
 * @param rows `given` in the training file, and those of them that are set `aside`; `start` is the manifest of what it starts from
 */
export const learnedBefore = (
  { data }: Pick<TrainingSpec, 'data'>,
  { start, given, aside }: { start: AdapterManifest | undefined; given: readonly NumberedRow[]; aside: readonly NumberedRow[] },
): number => {
  if (data === undefined || start?.lineage.data !== data || start.training?.seed === undefined) return 0
  const spared = new Set(start.lineage.validation === undefined ? splitHeldOut(given, start.training.seed).validation : [])
  return aside.filter((row) => !spared.has(row)).length
}

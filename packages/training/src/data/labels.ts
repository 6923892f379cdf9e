import { tooFewLabels, unusedLabel } from '../errors.ts'
import type { NumberedRow } from './jsonl.ts'

/** The classes in the order of `labels`, or sorted by name. @throws TrainingError `unused_label`, `too_few_labels` */
export const labelsOf = (rows: readonly NumberedRow[], given?: readonly string[]): string[] => {
  const found = new Set(rows.flatMap(({ row }) => ('label' in row ? [row.label] : 'tokens' in row ? row.labels.filter((label) => label !== null) : [])))
  const unused = (given ?? []).filter((label) => !found.has(label))
  if (unused.length > 0) throw unusedLabel(unused)
  const labels = given ? [...given] : [...found].sort()
  if (labels.length < 2) throw tooFewLabels(labels)
  return labels
}

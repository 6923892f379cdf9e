import { quoted } from '@weft/adapters/error-text'
import { type Place, trainingFileError } from '../errors.ts'

/** The labels that a file's rows have, and where each stands first. */
interface LabelledFile extends Pick<Place, 'file'> {
  /** In order of their first row. */
  labels: readonly string[]
  labelLines?: ReadonlyMap<string, number>
}

/**
 * The classes of a classification job: the training file's own, sorted, or those asked for, each of which needs rows.
 * Errors 400 `training_file_keys`, `label_without_rows`, `label_unknown`, `labels_too_few`.
 */
export function checkLabels(training: LabelledFile, asked?: readonly string[]): string[] {
  const { file, labels: found } = training
  if (!found.length) throw trainingFileError('training_file_keys', { file }, 'classification needs {"text", "label"} or {"tokens", "labels"} rows')
  const labels = asked?.length ? [...asked] : [...found].sort()
  const absent = labels.filter((label) => !found.includes(label))
  if (absent.length) throw trainingFileError('label_without_rows', { file }, `no row has the label ${quoted(absent)}; the file has ${quoted(found)}`)
  checkKnownLabels(training, labels)
  if (labels.length < 2) throw trainingFileError('labels_too_few', { file }, `every row has the label ${quoted(labels)}; a classifier needs at least two`)
  return labels
}

/** Refuses labels for which a head of these classes has no row: in a validation file, say. Error 400 `label_unknown`, with the line. */
export function checkKnownLabels({ file, labels, labelLines }: LabelledFile, classes: readonly string[]): void {
  const known = new Set(classes)
  const strange = labels.filter((label) => !known.has(label))
  if (!strange.length) return
  throw trainingFileError(
    'label_unknown',
    { file, line: labelLines?.get(strange[0]) },
    `rows have the label ${quoted(strange.slice(0, 6))}, which is not among ${quoted(classes.slice(0, 100))}`,
  )
}

/** True and predicted classes, of texts or of tokens that have labels. */
export interface Predictions {
  truth: readonly number[]
  predicted: readonly number[]
}

/** `[C][C]`: how many by true class, then by predicted class. */
export const confusionOf = ({ truth, predicted }: Predictions, classes: number): number[][] => {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  for (const [i, label] of truth.entries()) confusion[label][predicted[i]] += 1
  return confusion
}

/**
 * Accuracy; balanced accuracy (mean recall of the classes that occur); macro F1 over those classes; rows (of tokens with labels, tokens) and correct rows per class.
 * @param confusion `[C][C]`: rows by true class, then by predicted class
 */
export const scoreConfusion = (confusion: readonly (readonly number[])[], labels: readonly string[]): Record<string, number> => {
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
  const present = labels.map((_, c) => c).filter((c) => sum(confusion[c]) > 0)
  const recall = (c: number): number => confusion[c][c] / sum(confusion[c])
  const f1 = (c: number): number => (2 * confusion[c][c]) / (sum(confusion[c]) + sum(confusion.map((row) => row[c])))
  return {
    accuracy: sum(labels.map((_, c) => confusion[c][c])) / sum(confusion.map(sum)),
    balanced_accuracy: sum(present.map(recall)) / present.length,
    f1: sum(present.map(f1)) / present.length,
    ...Object.fromEntries(
      labels.flatMap((label, c) => [
        [`rows.${label}`, sum(confusion[c])],
        [`correct.${label}`, confusion[c][c]],
      ]),
    ),
  }
}

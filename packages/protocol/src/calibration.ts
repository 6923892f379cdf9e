/**
 * Calibration of labels in company. An adapter's classes lean to one side when others act beside it; what the lean is can be
 * measured on inputs without labels, and subtracted. It mends the balance of classes, not what no longer tells them apart, and
 * an adapter alone is none the better for it.
 */

/** Fewer inputs say more of themselves than of the lean. */
export const fewestCalibrationInputs = 24

/** log p of each label against the mean of all. */
export function logOdds(probabilities: Readonly<Record<string, number>>): Record<string, number> {
  const logs = Object.entries(probabilities).map(([label, p]): [string, number] => [label, Math.log(Math.max(p, 1e-30))])
  const mean = logs.reduce((sum, [, log]) => sum + log, 0) / logs.length
  return Object.fromEntries(logs.map(([label, log]) => [label, log - mean]))
}

/** Mean log-odds of each label over inputs: the lean. */
export function meanLogOdds(inputs: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const odds of inputs.map(logOdds)) for (const [label, value] of Object.entries(odds)) sums[label] = (sums[label] ?? 0) + value / inputs.length
  return sums
}

/** Probabilities with the lean taken out of their log-odds; a label that the lean does not know keeps its own. */
export function calibrated(
  probabilities: Readonly<Record<string, number>>,
  lean: Readonly<Record<string, number>>,
): { label: string; scores: Record<string, number> } {
  const odds = Object.entries(logOdds(probabilities)).map(([label, value]): [string, number] => [label, value - (lean[label] ?? 0)])
  const most = Math.max(...odds.map(([, value]) => value))
  const total = odds.reduce((sum, [, value]) => sum + Math.exp(value - most), 0)
  return {
    label: odds.find(([, value]) => value === most)![0],
    scores: Object.fromEntries(odds.map(([label, value]) => [label, Math.exp(value - most) / total])),
  }
}

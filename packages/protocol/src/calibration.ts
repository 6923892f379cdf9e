/**
 * Calibration of a composition's labels. When other adapters act beside a classifier, its classes shift: some get more probability on every
 * input. The shift is measured on inputs without labels, and subtracted. This corrects the balance of classes. It does not help where the
 * classes can no longer be told apart, and it does not help an adapter alone.
 */

/** With fewer inputs the measured shift is mostly noise. */
export const fewestCalibrationInputs = 24

/** log p of each label against the mean of all. */
function logOdds(probabilities: Readonly<Record<string, number>>): Record<string, number> {
  const logs = Object.entries(probabilities).map(([label, p]): [string, number] => [label, Math.log(Math.max(p, 1e-30))])
  const mean = logs.reduce((sum, [, log]) => sum + log, 0) / logs.length
  return Object.fromEntries(logs.map(([label, log]) => [label, log - mean]))
}

/** Mean log-odds of each label over inputs: how far the labels have shifted. */
export function meanLogOdds(inputs: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums = new Map<string, number>()
  for (const odds of inputs.map(logOdds)) for (const [label, value] of Object.entries(odds)) sums.set(label, (sums.get(label) ?? 0) + value / inputs.length)
  return Object.fromEntries(sums)
}

/** Probabilities with the shift subtracted from their log-odds. A label without a measured shift keeps its own. */
export function calibrated(
  probabilities: Readonly<Record<string, number>>,
  shift: Readonly<Record<string, number>>,
): { label: string; scores: Record<string, number> } {
  const odds = Object.entries(logOdds(probabilities)).map(([label, value]): [string, number] => [
    label,
    value - (Object.hasOwn(shift, label) ? shift[label] : 0),
  ])
  const most = Math.max(...odds.map(([, value]) => value))
  const total = odds.reduce((sum, [, value]) => sum + Math.exp(value - most), 0)
  return {
    label: odds.find(([, value]) => value === most)![0],
    scores: Object.fromEntries(odds.map(([label, value]) => [label, Math.exp(value - most) / total])),
  }
}

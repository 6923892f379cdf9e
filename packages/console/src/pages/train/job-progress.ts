import type { FineTuningJobEvent } from '@weft/protocol'

/** Losses by step, as far as they were told. */
export interface Losses {
  steps: number[]
  training: (number | null)[]
  heldOut: (number | null)[]
}

/** The losses that a job's events tell; a step that was taken twice, after a stop, has its second. */
export const lossesOf = (events: readonly FineTuningJobEvent[]): Losses => {
  const at = new Map<number, { training: number | null; heldOut: number | null }>()
  for (const { type, data } of events) {
    if (type !== 'metrics' || typeof data?.step !== 'number') continue
    const known = at.get(data.step) ?? { training: null, heldOut: null }
    if (typeof data.loss === 'number') known.training = data.loss
    // A step tells the last held-out loss too; it belongs to the step at which it was measured.
    else if (typeof data.evalLoss === 'number') known.heldOut = data.evalLoss
    at.set(data.step, known)
  }
  const rows = [...at].sort(([a], [b]) => a - b)
  return { steps: rows.map(([step]) => step), training: rows.map(([, { training }]) => training), heldOut: rows.map(([, { heldOut }]) => heldOut) }
}

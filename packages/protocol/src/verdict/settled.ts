import type { Finding } from '@weft/adapters'

/** What can be tried where a stack is settled: its request says how many steps, at which rate, and how much the others' silence weighs. */
const toSettle: Readonly<Record<string, string>> = {
  overfitting: 'Fewer steps, or a lower learning_rate, help.',
  no_more_silent: 'A larger weight makes it more silent. One that still learns its task grows louder with every step: train it further by itself first.',
  held_out_rows_learned_before: 'Leave the seed out: each adapter then has that of its own training.',
  rows_not_seen: 'More steps read more of them.',
  lost_in_settling: 'More steps, a lower weight or a lower learning_rate keep more of it. The version before stays.',
  no_better_than_baseline:
    'Settling is to keep a task, not to teach one. Where it was better before, a lower weight or a lower learning_rate keeps more of it; where it was not, train it further by itself first.',
}

/**
 * A finding with advice that a settlement can follow, or none: rows and methods are those of the adapters' own trainings.
 * @param isChance whether so few rows were held out that a setting would be changed for chance
 */
export const advisedToSettle = ({ next: _, ...finding }: Finding, isChance: boolean): Finding => {
  const next = isChance && finding.code === 'no_better_than_baseline' ? undefined : toSettle[finding.code]
  return { ...finding, ...(next && { next }) }
}

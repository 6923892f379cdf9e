import type { Baseline } from '@weft/adapters'

/** What a baseline is called in a sentence. */
export const score = (name: Baseline['name']): string =>
  ({
    base: 'the bare base',
    beneath: 'what lies beneath alone',
    majority: 'always the commonest class',
    'logistic-regression': 'a linear probe of the bare base',
  })[name]

export const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

/** Labels in quotes; a long list is cut. */
export const listed = (labels: readonly string[], last: 'or' | 'and' = 'or'): string => {
  const shown = labels.slice(0, 5).map((label) => JSON.stringify(label))
  return labels.length > 5 ? `${shown.join(', ')} and ${labels.length - 5} more` : shown.join(` ${last} `)
}

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

/** Why nothing is measured where rows were set aside and none is counted. */
export const TEACH_NOTHING = 'of the rows that were set aside nothing can be learned'

/** What helps where rows are too long. @param contextTaken positions before a row, where the context and no setting bounds it */
export const longerRows = (contextTaken: number | undefined): string => {
  if (contextTaken === undefined) return 'Raise max_length where the model has room, or split the rows.'
  if (contextTaken === 0) return 'The context ends there: split the rows.'
  return `The context ends there, since ${contextTaken} of its positions stand before the row: use fewer virtual tokens, or split the rows.`
}

/** Labels in quotes; a long list is cut. */
export const listed = (labels: readonly string[], last: 'or' | 'and' = 'or'): string => {
  const shown = labels.slice(0, 5).map((label) => JSON.stringify(label))
  return labels.length > 5 ? `${shown.join(', ')} and ${labels.length - 5} more` : shown.join(` ${last} `)
}

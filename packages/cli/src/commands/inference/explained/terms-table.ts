import type { ExplainResponse } from '@weft/protocol'
import { table } from '../../../output/output.ts'

type Term = ExplainResponse['terms'][number]

const heads = ['term', 'strength', 'method', 'sites', 'rows', 'prefix']

const cells = ({ expression, weight, method, sites, virtualTokens: { rows, prefix } }: Term): (string | number)[] => [
  expression,
  weight,
  method ?? '–',
  sites.join(', '),
  rows,
  prefix,
]

/**
 * What is composed, term by term. Where compositions meet at the output, the operand of each term and that operand's own strength stand in front: a term's strength
 * is the one that it has within its operand.
 */
export const termsTable = ({ terms, outputs }: Pick<ExplainResponse, 'terms' | 'outputs'>): string => {
  if (outputs)
    return table(
      ['operand', 'its strength', ...heads],
      outputs.operands.flatMap(({ weight, terms }, i) => terms.map((term) => [i + 1, Number(weight.toPrecision(6)), ...cells(term)])),
    )
  return terms.length === 0 ? 'The base model alone.' : table(heads, terms.map(cells))
}

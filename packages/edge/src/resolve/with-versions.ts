import { type Expression, print } from '@weft/adapters'
import type { AdapterVersion } from '../stores/adapter-names.ts'

/** The same expression with the version that each name stands for. @param found by the reference as printed */
export function withVersions(expression: Expression, found: ReadonlyMap<string, AdapterVersion>): Expression {
  switch (expression.kind) {
    case 'adapter': {
      const { name, version } = found.get(print(expression))!
      return { kind: 'adapter', name, version }
    }
    case 'text':
      return expression
    case 'scale':
      return { ...expression, of: withVersions(expression.of, found) }
    default:
      return { ...expression, terms: expression.terms.map((term) => withVersions(term, found)) }
  }
}

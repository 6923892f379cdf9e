import { type AdapterRef, adapterRefs, parse, print } from '@weft/adapters'
import { twoVersions } from '../../errors.ts'

/** Expressions that can be measured together: no name stands for two versions in them. */
export interface Together {
  expressions: string[]
  /** By name, `base` not among them. */
  references: Map<string, AdapterRef>
}

/** Adapters of an expression by name. @throws CliError `usage` for one that names two versions */
export function versionsIn(expression: string): Map<string, AdapterRef> {
  const references = adapterRefs(parse(expression)).filter(({ name }) => name !== 'base')
  const own = new Map(references.map((reference) => [reference.name, reference]))
  const other = references.find((reference) => print(reference) !== print(own.get(reference.name)!))
  if (other) throw twoVersions(expression, print(other), print(own.get(other.name)!))
  return own
}

/**
 * Expressions in groups in which every name stands for one version, in their order: `a@1 + b` and `a@2 + b` are of two.
 * @throws CliError `usage` for one that names two versions itself
 */
export function oneVersionEach(expressions: readonly string[]): Together[] {
  const groups: Together[] = []
  for (const expression of expressions) {
    const own = versionsIn(expression)
    const references = [...own.values()]
    const fits = groups.find((group) => references.every((reference) => print(group.references.get(reference.name) ?? reference) === print(reference)))
    if (!fits) groups.push({ expressions: [expression], references: own })
    else {
      fits.expressions.push(expression)
      for (const [name, reference] of own) fits.references.set(name, reference)
    }
  }
  return groups
}

import { adapterRefs, type Expression, parse, print, printNumber } from '@weft/adapters'
import type { ExplainResponse } from '@weft/protocol'

type Terms = readonly Pick<ExplainResponse['terms'][number], 'digest' | 'weight'>[]
type References = ExplainResponse['references']

/**
 * What was trained over adapters that do not run with it, or not as strongly: it has learned what they leave to do, and does something else without them.
 * Operands that meet at the output run by themselves, so each is looked at alone.
 */
export const trainedOverLines = ({
  canonical,
  terms,
  outputs,
  references,
}: Pick<ExplainResponse, 'canonical' | 'references'> & {
  terms: Terms
  outputs?: { operands: readonly { canonical: string; terms: Terms }[] } | undefined
}): string[] => [
  ...new Set(
    (outputs?.operands ?? [{ canonical, terms }]).flatMap((composed) => {
      const here = references.filter(({ digest }) => composed.canonical.includes(digest))
      return here.flatMap(({ id, on }) => (on === undefined ? [] : lineOf(id, on, here, composed.terms)))
    }),
  ),
]

function lineOf(id: string, on: string, here: References, terms: Terms): string[] {
  const learned = parse(on)
  const digests = new Map(here.map((other) => [other.id, other.digest]))
  const missing = adapterRefs(learned)
    .map(print)
    .filter((ref) => !digests.has(ref))
  if (missing.length > 0)
    return [`${id} was trained over ${missing.join(' and ')}, which ${missing.length > 1 ? 'do' : 'does'} not run beneath it here: ${on} + ${id}`]
  const stronger = strengthsOf(learned).flatMap(([ref, then]) => {
    const now = terms.find(({ digest }) => digest !== undefined && digest === digests.get(ref))?.weight
    return now === undefined || now === then ? [] : [`${ref} at strength ${printNumber(then)}, which is ${printNumber(now)} here`]
  })
  return stronger.length === 0 ? [] : [`${id} was trained over ${stronger.join(' and ')}: ${on} + ${id}`]
}

/** Each adapter of a sum, with what it is multiplied by. */
function strengthsOf(expression: Expression, by = 1): [ref: string, strength: number][] {
  switch (expression.kind) {
    case 'adapter':
      return [[print(expression), by]]
    case 'scale':
      return strengthsOf(expression.of, by * expression.weight)
    case 'sum':
      return expression.terms.flatMap((term) => strengthsOf(term, by))
    default:
      return []
  }
}

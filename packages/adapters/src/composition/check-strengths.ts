import { isWeftError } from '../error.ts'
import { invalidStrength } from '../errors.ts'
import type { LoadedAdapter } from '../file/loaded.ts'
import type { Canonical, CanonicalTerm } from '../language/canonical-form.ts'
import type { ModelSpec } from '../model-spec.ts'
import { validateState } from '../sites/validate.ts'
import { compose } from './compose.ts'
import type { Composed } from './composed.ts'
import { segmentState, siteOfSegment } from './pack.ts'

type Adapter = CanonicalTerm & { kind: 'adapter' }

/**
 * Refuses a composition whose tensors a runner would refuse since a strength is too large, and says how large it may be. Error 400 `invalid_strength`.
 * @param loaded the adapters by digest
 */
export function checkStrengths(canonical: Canonical, composed: Composed, loaded: ReadonlyMap<string, LoadedAdapter>, model: ModelSpec): void {
  const strong = canonical.terms.flatMap((term) => adaptersOf(term, 1)).filter(({ weight }) => Math.abs(weight) > 1)
  if (strong.length === 0 || fits(composed, model)) return
  for (const term of strong) {
    const alone = (size: number): boolean => fits(compose({ terms: [{ ...term, weight: Math.sign(term.weight) * size }], text: '' }, loaded, model), model)
    if (alone(Math.abs(term.weight))) continue
    const most = largest(alone, 1, Math.abs(term.weight))
    throw invalidStrength(term.weight, `with it, a vector of "${term.ref}" is too long for the model; its strength may be at most ${most} in size`)
  }
}

/** Each adapter with the strength that it has in all. */
const adaptersOf = (term: CanonicalTerm, outside: number): Adapter[] => {
  if (term.kind === 'text') return []
  const weight = outside * term.weight
  return term.kind === 'adapter' ? [{ ...term, weight }] : term.args.flatMap((arg) => arg.terms.flatMap((inner) => adaptersOf(inner, weight * arg.weight)))
}

const fits = ({ segments, sites }: Composed, model: ModelSpec): boolean => {
  try {
    for (const segment of segments) validateState(siteOfSegment[segment.kind], segmentState(segment), model)
    for (const [site, state] of Object.entries(sites)) validateState(site, state, model)
    return true
  } catch (error) {
    if (isWeftError(error) && (error.code === 'tensor_norm' || error.code === 'tensor_not_finite')) return false
    throw error
  }
}

/** Between one that is accepted and one that is not, the largest that is, down to two digits. */
function largest(accepts: (size: number) => boolean, low: number, high: number): number {
  while (high / low > 1.01) {
    const middle = Math.sqrt(low * high)
    if (accepts(middle)) low = middle
    else high = middle
  }
  const unit = 10 ** (Math.floor(Math.log10(low)) - 1)
  return Number((Math.floor(low / unit) * unit).toPrecision(2))
}

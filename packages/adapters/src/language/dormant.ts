import { siteOf } from '../sites/index.ts'
import type { Canonical, CanonicalTerm } from './canonical-form.ts'
import { compositionKey } from './key.ts'
import { weighted } from './spelling.ts'

/** Whether an adapter does nothing before an invocation: it waits for one at every site that it acts at. */
const isWaiting = (sites: readonly string[]): boolean => sites.length > 0 && sites.every((site) => siteOf(site).waits)

/**
 * The key of a composition without the adapters that wait for an invocation: until one comes, it is all that acts. Null where that is the base model, undefined
 * where none waits.
 * @param sitesOf what an adapter's manifest says
 */
export async function dormantKey(
  { terms }: Pick<Canonical, 'terms'>,
  sitesOf: (digest: string) => readonly string[],
  base: { fingerprint: string; tenant?: string | undefined },
): Promise<string | null | undefined> {
  const waits = (term: CanonicalTerm): boolean => {
    if (term.kind === 'text') return false
    return term.kind === 'adapter' ? isWaiting(sitesOf(term.digest)) : term.args.every((arg) => arg.terms.every(waits))
  }
  const others = terms.filter((term) => !waits(term))
  if (others.length === terms.length) return undefined
  return others.length === 0 ? null : compositionKey(base.fingerprint, { terms: others, text: spelled(others) }, base.tenant)
}

/** Terms of a canonical form as its text has them. */
export const spelled = (terms: readonly CanonicalTerm[]): string => terms.map((term) => weighted(term.weight, spelledTerm(term))).join(' + ')

function spelledTerm(term: CanonicalTerm): string {
  if (term.kind === 'text') return JSON.stringify(term.text)
  if (term.kind === 'adapter') return term.digest
  const args = term.args.map(({ weight, terms }) => weighted(weight, terms.length > 1 || terms[0].weight !== 1 ? `(${spelled(terms)})` : spelled(terms)))
  return `mix(${args.join(', ')})`
}

import type { CanonicalTerm } from '@weft/adapters'
import type { AdapterVersion } from '../stores/adapter-names.ts'

/** Rows and prefix positions of a composition, by its adapters' manifests; a weighted sum has the size of one of its arguments. */
export function positionsTaken({ terms }: { terms: readonly CanonicalTerm[] }, adapters: ReadonlyMap<string, AdapterVersion>): number {
  const of = (term: CanonicalTerm): number => {
    if (term.kind === 'text') return 0
    if (term.kind === 'mix') return Math.max(...term.args.map((arg) => positionsTaken(arg, adapters)))
    const { rows, prefix } = adapters.get(term.digest)!.manifest.virtualTokens
    return rows + prefix
  }
  return terms.reduce((sum, term) => sum + of(term), 0)
}

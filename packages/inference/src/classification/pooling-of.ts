import { type Composed, type ModelSpec, pooledAt } from '@weft/adapters'

/** What a vector is made of where nobody says it: the last token where the composition's classifier of texts reads that one, by its name or as the family does; the mean otherwise. */
export function poolingOf(composed: Composed | null, spec: Pick<ModelSpec, 'bidirectional'>): 'mean' | 'last' {
  const labelsTexts = composed?.task !== 'TOKEN_CLS' && (composed?.pooling ?? composed?.sites.head) !== undefined
  return labelsTexts && pooledAt(composed?.pooling, spec) === 'last' ? 'last' : 'mean'
}

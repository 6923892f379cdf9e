import { adapterRefs } from '@weft/adapters'
import type { FineTuningJob, Settlement } from '@weft/protocol'
import { parseField } from '../resolve/parse-field.ts'

/** A settlement as the outside sees it, of its jobs: they stand as their adapters do in the expression. Undefined without any. */
export const settlementOf = (id: string, jobs: readonly FineTuningJob[]): Settlement | undefined => {
  const [first] = jobs
  if (first?.settles === undefined) return undefined
  const names = adapterRefs(parseField(first.settles, 'expression')).map(({ name }) => name)
  return {
    id,
    object: 'settlement',
    createdAt: first.createdAt,
    expression: first.settles,
    jobs: jobs.toSorted((a, b) => names.indexOf(a.suffix) - names.indexOf(b.suffix)),
  }
}

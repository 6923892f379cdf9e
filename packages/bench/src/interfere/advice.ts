import { adapterRefs, type Expression, type LoadedAdapter } from '@weft/adapters'
import { strengthOf } from '@weft/adapters/language/spelling'
import type { Verdict } from './verdict.ts'

/** What is to be known of an adapter's place in a composition to say what would help it. */
export interface Place {
  verdict: Verdict
  /** Whether its labels lean another way than alone. */
  shifted: boolean
  /** Whether the operands meet at the output. */
  atOutput: boolean
  /** Whether it runs at all: what is of strength 0 does not. */
  runs: boolean
  /** Whether `weft settle` would take the stack. */
  settles: boolean
}

export const runs = (term: Expression): boolean => strengthOf(term).weight !== 0

/** Whether a stack is settled: two adapters at least, all of which run, and learn from rows to answer in tokens. */
export function settles(terms: readonly Expression[], adapterOf: (name: string) => Pick<LoadedAdapter, 'manifest'> | undefined): boolean {
  const names = new Set(terms.flatMap(adapterRefs).map(({ name }) => name))
  return names.size > 1 && terms.every(runs) && [...names].every((name) => learns(adapterOf(name)))
}

const learns = (adapter: Pick<LoadedAdapter, 'manifest'> | undefined): boolean => {
  if (!adapter) return false
  const { sites, lineage } = adapter.manifest
  return !sites.includes('head') && !lineage.pairs && !lineage.document
}

export function adviceOf({ verdict, shifted, atOutput, runs, settles }: Place): string {
  if (!runs) return 'It has the strength 0 and does not run: leave it out.'
  const balance = shifted ? ' Its labels lean another way than alone: calibrate the composition.' : ''
  if (verdict === 'keeps') return `Most of what it gains should be kept.${balance}`
  if (verdict === 'uncertain') return `Measure it on labelled rows before publishing.${balance}`
  return `Expect it to lose more than half: ${helping(atOutput, settles)}.${balance}`
}

const helping = (atOutput: boolean, settles: boolean): string => {
  if (atOutput) return settles ? 'settle the stack (weft settle)' : 'give the others less strength'
  const beneath = 'train it on top of the others with "on"'
  return settles ? `settle the stack (weft settle) and compose it by experts(…), or ${beneath}` : beneath
}

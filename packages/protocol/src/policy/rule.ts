import type { Policy } from '../wire/policy/policy.ts'
import type { Asked } from './asked.ts'

/** What a policy's field refuses of what is asked, each in a sentence; nothing where it has no say. Pure. */
export type Rule = (policy: Policy, asked: Asked) => string[]

/** Names of adapters, each once, in the order in which they stand. */
export const adaptersOf = ({ terms }: Asked): string[] => [...new Set(terms.flatMap(({ kind, name }) => (kind === 'adapter' ? [name] : [])))]

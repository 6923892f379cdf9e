import type { Rule } from '../rule.ts'

export const text: Rule = ({ text: allowed = true }, { terms }) =>
  allowed ? [] : terms.filter(({ kind }) => kind === 'text').map(({ name }) => `no text may stand in an expression, and ${shortened(name)} does`)

const shortened = (spelled: string): string => (spelled.length > 60 ? `${spelled.slice(0, 59)}…` : spelled)

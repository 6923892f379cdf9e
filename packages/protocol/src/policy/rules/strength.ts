import type { Rule } from '../rule.ts'

/** Every strength within its bounds. */
export const strength: Rule = ({ strength: bounds = {} }, { terms }) => {
  const { min = -Infinity, max = Infinity } = bounds
  return terms.flatMap(({ name, strength: of }) => {
    if (of < min) return [`${name} has the strength ${of}; at least ${min} is allowed`]
    return of > max ? [`${name} has the strength ${of}; at most ${max} is allowed`] : []
  })
}

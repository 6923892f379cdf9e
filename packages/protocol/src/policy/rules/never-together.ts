import { matches } from '../name-pattern.ts'
import { adaptersOf, type Rule } from '../rule.ts'

/** No two adapters that match different entries of one list, wherever in the composition they stand. */
export const neverTogether: Rule = ({ neverTogether: lists = [] }, asked) => {
  const names = adaptersOf(asked)
  return lists.flatMap((patterns) => {
    // Most patterns match nothing that is asked, and of a few hundred there are tens of thousands of pairs.
    const matched = patterns.map((pattern) => names.filter((name) => matches(pattern, name))).filter((some) => some.length > 0)
    const pair = firstPair(matched)
    return pair ? [`"${pair[0]}" and "${pair[1]}" never stand together`] : []
  })
}

/** Two names, each of another of the lists. */
function firstPair(lists: readonly (readonly string[])[]): [string, string] | undefined {
  for (const [i, ones] of lists.entries())
    for (const others of lists.slice(i + 1))
      for (const first of ones) {
        const second = others.find((name) => name !== first)
        if (second !== undefined) return [first, second]
      }
  return undefined
}

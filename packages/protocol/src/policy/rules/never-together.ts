import { matches } from '../name-pattern.ts'
import { adaptersOf, type Rule } from '../rule.ts'

/** No two adapters that match different entries of one list, wherever in the composition they stand. */
export const neverTogether: Rule = ({ neverTogether: lists = [] }, asked) => {
  const names = adaptersOf(asked)
  return lists.flatMap((patterns) => {
    const pairs = patterns.flatMap((one, i) =>
      patterns
        .slice(i + 1)
        .flatMap((other) =>
          names
            .filter((name) => matches(one, name))
            .flatMap((first) => names.filter((name) => name !== first && matches(other, name)).map((second) => [first, second])),
        ),
    )
    return pairs.slice(0, 1).map(([first, second]) => `"${first}" and "${second}" never stand together`)
  })
}

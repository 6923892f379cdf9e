import { matches } from '../name-pattern.ts'
import { adaptersOf, type Rule } from '../rule.ts'

/** No adapter that the list names. */
export const deny: Rule = ({ deny: patterns = [] }, asked) =>
  adaptersOf(asked).flatMap((name) => {
    const pattern = patterns.find((each) => matches(each, name))
    return pattern === undefined ? [] : [`"${name}" is denied${pattern === name ? '' : ` by "${pattern}"`}`]
  })

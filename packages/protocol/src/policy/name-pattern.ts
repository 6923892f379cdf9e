/** Whether `pattern` stands for `name`: `*` for any characters, slashes too. Linear in their product; no regular expression that a pattern could blow up. */
export function matches(pattern: string, name: string): boolean {
  let [at, star, resume] = [0, -1, 0]
  let i = 0
  while (i < name.length) {
    if (pattern[at] === '*') {
      star = at++
      resume = i
    } else if (at < pattern.length && pattern[at] === name[i]) {
      at++
      i++
    } else if (star >= 0) {
      at = star + 1
      i = ++resume
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}

/** Whether every name that `inner` stands for is one that `outer` stands for: its stars can only be taken up by stars. */
export const covers = (outer: string, inner: string): boolean => matches(outer, inner)

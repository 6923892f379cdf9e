import { InvalidArgumentError } from 'commander'

/**
 * Names with commas between, each once: of one that is said twice nobody knows what the second would add.
 * @param known what there is, where that is few enough to be told
 */
export const names =
  (known?: readonly string[]) =>
  (text: string): string[] => {
    const all = text.split(',').map((name) => name.trim())
    if (all.includes('')) throw new InvalidArgumentError('expected names with a comma between two of them.')
    const twice = all.find((name, i) => all.indexOf(name) < i)
    if (twice !== undefined) throw new InvalidArgumentError(`${twice} is said twice; say it once.`)
    const unknown = all.find((name) => known && !known.includes(name))
    if (unknown !== undefined) throw new InvalidArgumentError(`there is no ${unknown}; there are ${known!.join(', ')}.`)
    return all
  }

/** Values of an option that is repeatable, each once. */
export const eachOnce = (text: string, before: readonly string[] | undefined): string[] => {
  if (before?.includes(text)) throw new InvalidArgumentError(`${JSON.stringify(text)} is said twice; say it once.`)
  return [...(before ?? []), text]
}

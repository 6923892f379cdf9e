import { byteCharacters } from './words.ts'

/** Two symbols that become one. */
export type Merge = readonly [left: string, right: string]

/** One kind of word: its symbols so far and how often it occurs. */
interface WordType {
  symbols: number[]
  readonly count: number
}

const RADIX = 2 ** 20
const pairOf = (left: number, right: number): number => left * RADIX + right

/**
 * Byte-pair encoding (Sennrich et al. 2016, https://arxiv.org/abs/1508.07909) over bytes: merges the most frequent pair
 * of neighbours, again and again. Pairs are counted over kinds of words and only the words that hold the merged pair
 * are counted again. Equal counts are decided by the symbols' age, so the same words always give the same merges.
 */
export const learnMerges = (wordCounts: ReadonlyMap<string, number>, numMerges: number): Merge[] => {
  const symbols = [...byteCharacters]
  const types: WordType[] = [...wordCounts].map(([word, count]) => ({ symbols: [...Buffer.from(word)], count }))
  const counts = new Map<number, number>()
  const holders = new Map<number, Set<number>>()
  const countPairs = (index: number, sign: 1 | -1): void => {
    const { symbols: word, count } = types[index]
    for (let i = 0; i + 1 < word.length; i++) {
      const pair = pairOf(word[i], word[i + 1])
      counts.set(pair, (counts.get(pair) ?? 0) + sign * count)
      if (sign > 0) (holders.get(pair) ?? holders.set(pair, new Set()).get(pair)!).add(index)
    }
  }
  types.forEach((_, index) => countPairs(index, 1))

  const merges: Merge[] = []
  while (merges.length < numMerges) {
    const pair = mostFrequent(counts)
    if (pair === undefined) break
    const [left, right] = [Math.floor(pair / RADIX), pair % RADIX]
    const merged = symbols.push(symbols[left] + symbols[right]) - 1
    merges.push([symbols[left], symbols[right]])
    for (const index of holders.get(pair)!) {
      countPairs(index, -1)
      types[index].symbols = replacePair(types[index].symbols, left, right, merged)
      countPairs(index, 1)
    }
    counts.delete(pair)
    holders.delete(pair)
  }
  return merges
}

const mostFrequent = (counts: Map<number, number>): number | undefined => {
  let best: number | undefined
  let bestCount = 1 // a pair seen once is no pattern
  for (const [pair, count] of counts) {
    if (count > bestCount || (count === bestCount && best !== undefined && pair < best)) [best, bestCount] = [pair, count]
    else if (count === 0) counts.delete(pair)
  }
  return best
}

const replacePair = (word: readonly number[], left: number, right: number, merged: number): number[] => {
  const replaced: number[] = []
  for (let i = 0; i < word.length; i++) {
    if (word[i] === left && word[i + 1] === right) {
      replaced.push(merged)
      i++
    } else replaced.push(word[i])
  }
  return replaced
}

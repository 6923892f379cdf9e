/** Most frequent words of the author that are compared. */
const WORDS = 30
/** Words of a piece whose frequencies are compared with each other. */
const PIECE = 1000

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}']+/gu) ?? []

/**
 * Burrows's Delta (Burrows 2002): the mean, over an author's most frequent words, of how many standard deviations a text's frequency of the word is from the
 * author's own. 0 is the author's mean; the author's own pieces are at about 0.8.
 */
export const wordDistance = (text: string, author: readonly string[]): number => {
  const own = wordsOf(author.join('\n'))
  const counts = new Map<string, number>()
  for (const word of own) counts.set(word, (counts.get(word) ?? 0) + 1)
  const frequent = [...counts].sort(([, a], [, b]) => b - a).slice(0, WORDS)
  const size = Math.min(PIECE, Math.floor(own.length / 2))
  const pieces = Array.from({ length: Math.floor(own.length / size) }, (_, i) => own.slice(i * size, (i + 1) * size))
  const given = wordsOf(text)
  const share = (words: readonly string[], word: string): number => words.filter((one) => one === word).length / words.length
  const distances = frequent.flatMap(([word]) => {
    const shares = pieces.map((piece) => share(piece, word))
    const mean = shares.reduce((sum, value) => sum + value, 0) / shares.length
    const deviation = Math.sqrt(shares.reduce((sum, value) => sum + (value - mean) ** 2, 0) / shares.length)
    // A word that is as frequent everywhere tells nothing of how far is far.
    return deviation === 0 ? [] : [Math.abs(share(given, word) - mean) / deviation]
  })
  return distances.reduce((sum, value) => sum + value, 0) / distances.length
}

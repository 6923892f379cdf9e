/**
 * Bits that a unigram model spends on the held-out tokens: how often each token occurs in the train part, plus one.
 * The floor under a language model: what knowing the words and nothing of their order is worth.
 */
export const unigramBits = (train: Uint16Array, heldOut: Uint16Array, vocabSize: number): number => {
  const counts = new Float64Array(vocabSize).fill(1)
  for (const token of train) counts[token]++
  const total = train.length + vocabSize
  return heldOut.reduce((bits, token) => bits - Math.log2(counts[token] / total), 0)
}

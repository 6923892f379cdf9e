import type { Tokenizer } from '@weft/model'

/** Longest text that is read again. */
export const REFERENCE_LENGTH = 256
/** Passages, and questions, at most. */
const PASSAGES = 12
const QUESTIONS = 24
const TOPIC_WORDS = 6

/**
 * What is read behind a document for the queries that it will be asked with: its passages again, as by who repeats it, and questions about its sentences with
 * these as answers. All of it is made of the document.
 */
export function referenceTexts(ids: readonly number[], tokenizer: Tokenizer, length = REFERENCE_LENGTH): number[][] {
  const encode = (text: string): number[] => [...tokenizer.encode(text, { addSpecialTokens: false })]
  const again = encode('\n\nThe text again, word for word:\n')
  const size = length - again.length
  const passages = evenly(Math.ceil(ids.length / size), PASSAGES).map((i) => [...again, ...ids.slice(i * size, (i + 1) * size)])
  const sentences = sentencesOf(tokenizer.decode(ids))
  const questions = evenly(sentences.length, QUESTIONS).map((i) => encode(questionAbout(sentences[i])).slice(0, length))
  return [...passages, ...together(questions, length)]
}

/** Sentences with more words than a question names of them. */
export const sentencesOf = (text: string): string[] =>
  text
    .split(/(?<=[.!?])\s+|\n{2,}/)
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
    .filter((sentence) => sentence.split(' ').length > TOPIC_WORDS)

/** A question about a sentence, and the sentence as its answer. */
export const questionAbout = (sentence: string): string =>
  `\n\nQuestion: What does the text say about "${sentence.split(' ').slice(0, TOPIC_WORDS).join(' ')}"?\nAnswer: ${sentence}`

/** Short texts one after another, as many as fit a length. */
function together(texts: readonly number[][], length: number): number[][] {
  const joined: number[][] = []
  for (const text of texts) {
    const last = joined.at(-1)
    if (last && last.length + text.length <= length) last.push(...text)
    else joined.push([...text])
  }
  return joined
}

/** At most `most` of the numbers 0 … count − 1, spread evenly. */
const evenly = (count: number, most: number): number[] =>
  count <= most ? Array.from({ length: count }, (_, i) => i) : Array.from({ length: most }, (_, i) => Math.floor(((i + 0.5) * count) / most))

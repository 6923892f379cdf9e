import type { Document } from './document.ts'

/** Paragraphs joined to passages of about that length in characters, cut at a sentence's end where one is near. */
export const passages = (documents: readonly Document[], length: number): string[] =>
  documents.flatMap(({ text }) => {
    const found: string[] = []
    let rest = text.replace(/\s+/g, ' ')
    while (rest.length >= length / 2) {
      const sentence = rest.lastIndexOf('. ', length)
      const end = rest.length <= length ? rest.length : sentence > length / 2 ? sentence + 1 : Math.max(rest.lastIndexOf(' ', length), length / 2)
      found.push(rest.slice(0, end))
      rest = rest.slice(end).trimStart()
    }
    return found
  })

/** Every n-th of them, so that all documents have their say. */
export const spread = <T>(values: readonly T[], count: number): T[] => {
  const step = Math.max(1, values.length / count)
  return Array.from({ length: Math.min(count, values.length) }, (_, i) => values[Math.floor(i * step)])
}

import { templateFailed } from '../../errors.ts'
import { isSpace } from './characters.ts'

/** `str.count`. */
export const occurrences = (text: string, sought: string): number => (sought === '' ? [...text].length + 1 : text.split(sought).length - 1)

/** `str.replace`: the first `count` occurrences, all where it is negative. An empty text is found between all characters. */
export const replaced = (text: string, old: string, by: string, count: number): string => {
  const parts = old === '' ? ['', ...text, ''] : text.split(old)
  if (count < 0 || count >= parts.length - 1) return parts.join(by)
  return parts.slice(0, count + 1).join(by) + (count + 1 < parts.length ? old + parts.slice(count + 1).join(old) : '')
}

/** `str.split(separator, most)`, or `rsplit`. */
export const splitAt = (text: string, separator: string, most: number, fromEnd: boolean): string[] => {
  if (separator === '') throw templateFailed('empty separator')
  const parts = text.split(separator)
  if (most < 0 || parts.length <= most + 1) return parts
  return fromEnd
    ? [parts.slice(0, parts.length - most).join(separator), ...parts.slice(parts.length - most)]
    : [...parts.slice(0, most), parts.slice(most).join(separator)]
}

/** `str.split()`, or `rsplit`: at runs of whitespace, with none at either end of the pieces but of the one that was not split further. */
export const splitWords = (text: string, most: number, fromEnd: boolean): string[] => {
  const characters = fromEnd ? [...text].reverse() : [...text]
  const piece = (from: number, to: number): string => (fromEnd ? characters.slice(from, to).reverse() : characters.slice(from, to)).join('')
  const found: string[] = []
  let at = 0
  for (;;) {
    while (at < characters.length && isSpace(characters[at])) at++
    if (at === characters.length) break
    let end = at
    if (most >= 0 && found.length === most) {
      found.push(piece(at, characters.length))
      break
    }
    while (end < characters.length && !isSpace(characters[end])) end++
    found.push(piece(at, end))
    at = end
  }
  return fromEnd ? found.reverse() : found
}

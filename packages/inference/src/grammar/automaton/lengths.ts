import type { Term } from './terms.ts'

/** Bytes of the shortest and of the longest text of a term that no rule stands in. */
export function lengths(term: Term): { least: number; most: number } {
  switch (term.kind) {
    case 'nothing':
      return { least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY }
    case 'empty':
    case 'cut':
      return { least: 0, most: 0 }
    case 'bytes':
      return { least: 1, most: 1 }
    case 'sequence': {
      const [first, rest] = [lengths(term.first), lengths(term.rest)]
      return { least: first.least + rest.least, most: first.most + rest.most }
    }
    case 'choice': {
      const options = term.options.map(lengths)
      return { least: Math.min(...options.map(({ least }) => least)), most: Math.max(...options.map(({ most }) => most)) }
    }
    case 'repeat': {
      const { least, most } = lengths(term.of)
      return { least: least * term.least, most: most * term.most }
    }
    case 'rule':
      return { least: 0, most: Number.POSITIVE_INFINITY }
  }
}

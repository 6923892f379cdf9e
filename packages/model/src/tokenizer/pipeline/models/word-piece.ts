import type { Definition } from '../definition.ts'
import { NONE } from './pairs.ts'
import type { PieceModel } from './piece-model.ts'
import { TokenTree } from './token-tree.ts'

/** At each place of a word the longest token that goes on there; the unknown one for a word that cannot be written so, or is too long. */
export const wordPiece = ({ vocab, unk_token, continuing_subword_prefix: prefix = '', max_input_chars_per_word = 100 }: Definition): PieceModel => {
  const ids = new Map<string, number>(Object.entries(vocab))
  const unknown = ids.get(unk_token)!
  const tree = new TokenTree(ids)
  const within = tree.behind(prefix)

  const longest = (characters: readonly number[], start: number): { id: number; end: number } => {
    let found = { id: NONE, end: start }
    let node = start === 0 ? tree.root : within
    for (let at = start; node !== NONE && at < characters.length; ) {
      node = tree.next(node, characters[at++])
      if (node !== NONE && tree.idAt(node) !== NONE) found = { id: tree.idAt(node), end: at }
    }
    return found
  }
  return {
    ids,
    encode: (piece) => {
      const characters = Array.from(piece, (character) => character.codePointAt(0)!)
      if (characters.length > max_input_chars_per_word) return [unknown]
      const found: number[] = []
      for (let start = 0; start < characters.length; ) {
        const { id, end } = longest(characters, start)
        if (id === NONE) return [unknown]
        found.push(id)
        start = end
      }
      return found
    },
  }
}

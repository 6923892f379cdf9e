interface Merge {
  left: string
  right: string
  score: number
  /** In characters. */
  leftSize: number
  rightSize: number
}

/**
 * The merges of a SentencePiece BPE vocabulary, first to last: every way to make a piece of two others, pieces of the highest score first. (SentencePiece
 * joins the neighbours whose joined piece has the highest score; Hugging Face's converter orders equals in the same way.)
 */
export function sentencePieceMerges(pieces: readonly string[], scores: readonly number[]): [string, string][] {
  const ids = new Map(pieces.map((piece, id) => [piece, id]))
  const merges: Merge[] = []
  for (const [id, piece] of pieces.entries()) {
    const characters = [...piece]
    const ways: Merge[] = []
    for (let size = 1, at = characters[0]?.length ?? 0; size < characters.length; at += characters[size++].length) {
      const [left, right] = [piece.slice(0, at), piece.slice(at)]
      if (ids.has(left) && ids.has(right)) ways.push({ left, right, score: scores[id], leftSize: size, rightSize: characters.length - size })
    }
    merges.push(...ways.sort((a, b) => ids.get(a.left)! - ids.get(b.left)! || ids.get(a.right)! - ids.get(b.right)!))
  }
  return merges.sort((a, b) => b.score - a.score || b.leftSize - a.leftSize || b.rightSize - a.rightSize).map(({ left, right }) => [left, right])
}

/**
 * The merges of a SentencePiece BPE vocabulary, first to last: every way to make a piece of two others, pieces of the highest score first. (SentencePiece
 * joins the neighbours whose joined piece has the highest score; Hugging Face's converter orders equals in the same way.)
 */
export function sentencePieceMerges(pieces: readonly string[], scores: readonly number[]): [string, string][] {
  const ids = new Map(pieces.map((piece, id) => [piece, id]))
  const merges: { left: string; right: string; score: number }[] = []
  for (const [id, piece] of pieces.entries()) {
    const characters = [...piece]
    const ways: typeof merges = []
    for (let at = 1; at < characters.length; at++) {
      const [left, right] = [characters.slice(0, at).join(''), characters.slice(at).join('')]
      if (ids.has(left) && ids.has(right)) ways.push({ left, right, score: scores[id] })
    }
    merges.push(...ways.sort((a, b) => ids.get(a.left)! - ids.get(b.left)! || ids.get(a.right)! - ids.get(b.right)!))
  }
  const size = (text: string): number => [...text].length
  return merges.sort((a, b) => b.score - a.score || size(b.left) - size(a.left) || size(b.right) - size(a.right)).map(({ left, right }) => [left, right])
}

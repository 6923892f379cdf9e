/** Pieces to ids, and the vocabulary. */
export interface PieceModel {
  readonly encode: (piece: string) => readonly number[]
  readonly ids: ReadonlyMap<string, number>
}

import { type Definition, unknownPart } from './definition.ts'
import { bytePair } from './models/byte-pair.ts'
import type { PieceModel } from './models/piece-model.ts'
import { unigram } from './models/unigram.ts'
import { wordPiece } from './models/word-piece.ts'

const wordLevel = ({ vocab, unk_token }: Definition): PieceModel => {
  const ids = new Map<string, number>(Object.entries(vocab))
  const unknown = ids.get(unk_token)
  return {
    ids,
    encode: (piece) => {
      const id = ids.get(piece) ?? unknown
      if (id === undefined) throw new Error(`the vocabulary has neither ${JSON.stringify(piece)} nor an unknown token`)
      return [id]
    },
  }
}

const MODELS: Record<string, (definition: Definition) => PieceModel> = { BPE: bytePair, Unigram: unigram, WordLevel: wordLevel, WordPiece: wordPiece }

/** By its type, or what it holds where it does not say. */
export const createModel = (definition: Definition): PieceModel => {
  const type =
    definition.type ??
    (Array.isArray(definition.vocab) ? 'Unigram' : definition.merges ? 'BPE' : definition.continuing_subword_prefix === undefined ? 'WordLevel' : 'WordPiece')
  const make = Object.hasOwn(MODELS, type) ? MODELS[type] : undefined
  if (!make || !definition.vocab) throw unknownPart('model', definition)
  return make(definition)
}

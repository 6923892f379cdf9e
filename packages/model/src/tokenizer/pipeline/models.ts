import { type Definition, unknownPart } from './definition.ts'
import { BPE, lean, Unigram, WordPiece } from './library.ts'

/** Pieces to ids, and the vocabulary. */
export interface PieceModel {
  readonly encode: (piece: string) => readonly number[]
  readonly ids: ReadonlyMap<string, number>
}

const encoder = new TextEncoder()

/** The ids of a text's bytes; null unless the vocabulary has a token for each. */
const byteIds = (text: string, ids: ReadonlyMap<string, number>): number[] | null => {
  const found = Array.from(encoder.encode(text), (byte) => ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`))
  return found.includes(undefined) ? null : (found as number[])
}

/** Of several in a row, one. */
const fused = (ids: readonly number[], unknown: number | undefined): number[] => ids.filter((id, i) => id !== unknown || ids[i - 1] !== unknown)

const bytePair = (definition: Definition): PieceModel => {
  // The port would take a word's inner pieces for first ones.
  const { continuing_subword_prefix: prefix } = definition
  if (prefix) throw new Error(`a BPE whose tokens within a word begin with ${JSON.stringify(prefix)} is not supported`)
  const model = lean(new BPE(definition))
  const ids = model.tokens_to_ids
  const unknown = ids.get(definition.unk_token)
  const encode = (piece: string): number[] => model.encode([piece]).map((token) => ids.get(token)!)
  return { ids, encode: definition.fuse_unk ? (piece) => fused(encode(piece), unknown) : encode }
}

const wordPiece = (definition: Definition): PieceModel => {
  const model = lean(new WordPiece(definition))
  const ids = model.tokens_to_ids
  return { ids, encode: (piece) => model.encode([piece]).map((token) => ids.get(token)!) }
}

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

const unigram = (definition: Definition): PieceModel => {
  const ids = new Map<string, number>(definition.vocab.map(([piece]: [string], id: number) => [piece, id]))
  const model = new Unigram(definition)
  const unknown: number = definition.unk_id
  return {
    ids,
    encode: (piece) => {
      // The unknown token's own text counts as unknown, too: beside a character that is, it is part of the same run.
      const runs: { text: string; known: boolean }[] = []
      for (const text of model.tokenize(piece)) {
        const last = runs.at(-1)
        const id = ids.get(text)
        const known = id !== undefined && id !== unknown
        if (last && !last.known && !known) last.text += text
        else runs.push({ text, known })
      }
      return runs.flatMap(({ text }) => ids.get(text) ?? (definition.byte_fallback ? byteIds(text, ids) : null) ?? [unknown])
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

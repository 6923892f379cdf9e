import { type AddedToken, addedTokenCutter } from './added-tokens.ts'
import { createDecoder } from './decoders.ts'
import type { Definition } from './definition.ts'
import { createModel } from './models.ts'
import { createNormalizer } from './normalizers.ts'
import { createPostProcessor } from './post-processors.ts'
import { createPreTokenizer } from './pre-tokenizers.ts'
import { remembered } from './remembered.ts'

/** A tokenizer.json at work. */
export interface Pipeline {
  readonly vocabSize: number
  readonly specialIds: ReadonlySet<number>
  encode(text: string, addSpecialTokens: boolean): number[]
  decode(ids: readonly number[], skipSpecialTokens: boolean): string
  tokenToId(token: string): number | undefined
  idToToken(id: number): string | undefined
}

/**
 * What Hugging Face's tokenizers library makes of a tokenizer.json. Its JavaScript port reads the regular expressions; all else is ours. The steps around the
 * models differ in the port: words of their own among added tokens, what a split does with its matches, bytes that are no text, a byte order mark, lower case,
 * tables of replacements. Its models give the same tokens, in many times the time where a text is one long word, or words of a hundred letters.
 */
export const createPipeline = (definition: Definition): Pipeline => {
  const model = createModel(definition.model)
  const encodePiece = remembered(model.encode)
  const normalize = createNormalizer(definition.normalizer ?? null)
  const preTokenize = createPreTokenizer(definition.pre_tokenizer ?? null)
  const postProcess = createPostProcessor(definition.post_processor ?? null)
  const decodeTokens = createDecoder(definition.decoder ?? null)
  const added: (AddedToken & { special?: boolean; normalized?: boolean })[] = definition.added_tokens ?? []
  const isNormalized = ({ special = false, normalized = !special }: (typeof added)[number]): boolean => normalized
  const cutRaw = addedTokenCutter(new Map(added.filter((token) => !isNormalized(token)).map((token) => [token.content, token])))
  const cutNormalized = addedTokenCutter(new Map(added.filter(isNormalized).map((token) => [normalize(token.content), token])))

  const addedIds = new Map(added.map(({ content, id }) => [content, id]))
  const written: string[] = []
  for (const [token, id] of model.ids) written[id] = token
  // What is looked for in normalized text is also written so (tokenizers 0.23).
  for (const token of added) written[token.id] = isNormalized(token) ? normalize(token.content) : token.content
  const specialIds = new Set(added.filter(({ special }) => special).map(({ id }) => id))

  const encodeText = (text: string): number[] =>
    cutRaw(text).flatMap((section) => {
      if (section.id !== null) return [section.id]
      return cutNormalized(normalize(section.text)).flatMap(({ text: part, id, start }) => {
        if (id !== null) return [id]
        return part === '' ? [] : preTokenize([{ text: part, first: section.start === 0 && start === 0 }]).flatMap((piece) => encodePiece(piece.text))
      })
    })
  return {
    vocabSize: model.ids.size + [...addedIds.keys()].filter((token) => !model.ids.has(token)).length,
    specialIds,
    encode: (text, addSpecialTokens) => {
      const bare = encodeText(text.toWellFormed())
      return addSpecialTokens ? postProcess(bare) : bare
    },
    decode: (sequence, skipSpecialTokens) => {
      const shown = skipSpecialTokens ? sequence.filter((id) => !specialIds.has(id)) : sequence
      return decodeTokens(shown.map((id) => written[id]).filter((token) => token !== undefined)).join('')
    },
    tokenToId: (token) => addedIds.get(token) ?? model.ids.get(token),
    idToToken: (id) => written[id],
  }
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { invalidTokenizer } from '../errors.ts'
import { specialTokens, withAddedTokens } from './special-tokens.ts'
import { isByteLevel, type TokenBytes, tokenBytes } from './token-bytes.ts'

/** Text ⇄ token ids, as the model's tokenizer.json says. */
export interface Tokenizer {
  readonly vocabSize: number
  readonly bosTokenId: number | null
  readonly padTokenId: number | null
  /** Any of these ends a generation. */
  readonly eosTokenIds: readonly number[]
  /** With the special tokens the tokenizer puts around a text (a BOS, where it has one) unless `addSpecialTokens` is false. */
  encode(text: string, options?: { addSpecialTokens?: boolean }): number[]
  decode(ids: readonly number[], options?: { skipSpecialTokens?: boolean }): string
  /** Decodes token by token; see `DecodeStream`. */
  stream(options?: { skipSpecialTokens?: boolean }): DecodeStream
  /** The exact bytes that a token adds to a text: of a part of a character too. */
  bytes: TokenBytes
  tokenToId(token: string): number | undefined
  idToToken(id: number): string | undefined
}

/** Text of a growing sequence: what `push` returned so far, joined, never ends within a character. */
export interface DecodeStream {
  /** The text that this token completed; often '' (a byte of a longer character). */
  push(id: number): string
  /** What is left, with U+FFFD for bytes that never became a character. */
  flush(): string
}

type Json = Record<string, any>

/** Reads tokenizer.json and the special tokens wherever a model folder names them (`specialTokens`); null without a tokenizer.json. */
export async function readTokenizer(folder: string): Promise<Tokenizer | null> {
  const definition = await readJson(join(folder, 'tokenizer.json'))
  if (!definition) return null
  const [tokenizerConfig, generation, model, map, added] = await Promise.all(
    ['tokenizer_config.json', 'generation_config.json', 'config.json', 'special_tokens_map.json', 'added_tokens.json'].map((file) =>
      readJson(join(folder, file)),
    ),
  )
  const special = specialTokens(tokenizerConfig ?? {}, map, added)
  const config = { ...tokenizerConfig, ...special.named }
  return createTokenizer(withAddedTokens(definition, special.added), config, { ...model, ...generation }, join(folder, 'tokenizer.json'))
}

export async function readJson(file: string): Promise<Json | null> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw cause
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalidTokenizer(file, `not JSON (${(cause as Error).message}).`, cause)
  }
}

/** `ids` holds `eos_token_id` and the like as config.json and generation_config.json spell them; they win over token strings. */
export function createTokenizer(definition: Json, tokenizerConfig: Json, ids: Json = {}, where = 'tokenizer.json'): Tokenizer {
  let tokenizer: HuggingFaceTokenizer
  try {
    tokenizer = new HuggingFaceTokenizer(definition, tokenizerConfig)
  } catch (cause) {
    throw invalidTokenizer(where, `Hugging Face's tokenizers library refused it (${(cause as Error).message}).`, cause)
  }
  const named = (token: unknown): number | undefined => {
    const text = typeof token === 'string' ? token : (token as Json | null)?.content
    return typeof text === 'string' ? tokenizer.token_to_id(text) : undefined
  }
  const eos = [ids.eos_token_id, named(tokenizerConfig.eos_token)].flat().filter((id): id is number => typeof id === 'number')
  const decode: Tokenizer['decode'] = (tokens, { skipSpecialTokens = true } = {}) =>
    tokens.length ? tokenizer.decode([...tokens], { skip_special_tokens: skipSpecialTokens, clean_up_tokenization_spaces: false }) : ''
  const encode: Tokenizer['encode'] = (text, { addSpecialTokens = true } = {}) => tokenizer.encode(text, { add_special_tokens: addSpecialTokens }).ids
  const idToToken = (id: number): string | undefined => tokenizer.id_to_token(id)
  const bytes = tokenBytes(definition, { encode, decode, idToToken })
  const byteLevel = isByteLevel(definition)
  const special = new Set<number>((definition.added_tokens ?? []).flatMap((token: Json) => (token.special ? [token.id] : [])))
  return {
    vocabSize: tokenizer.get_vocab(true).size,
    bosTokenId: ids.bos_token_id ?? named(tokenizerConfig.bos_token) ?? null,
    padTokenId: ids.pad_token_id ?? named(tokenizerConfig.pad_token) ?? null,
    eosTokenIds: [...new Set(eos)],
    encode,
    decode,
    stream: (options = {}) =>
      byteLevel
        ? byteStream((id) => (special.has(id) && options.skipSpecialTokens !== false ? new Uint8Array() : bytes(id)))
        : decodeStream((tokens) => decode(tokens, options)),
    bytes,
    tokenToId: (token) => tokenizer.token_to_id(token),
    idToToken,
  }
}

/** Decodes UTF-8 byte by byte: whole characters come out at once, and of a token that ends within one only that rest waits. */
function byteStream(bytes: (id: number) => Uint8Array): DecodeStream {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  return {
    push: (id) => decoder.decode(bytes(id), { stream: true }),
    flush: () => decoder.decode(),
  }
}

/** A run this long that never becomes a character is not one: it is let through, so that a stream of bad bytes cannot stall. */
const LONGEST_WAIT = 16

/**
 * Decodes a window of recent tokens and emits what was added to it. The window keeps the tokens emitted last, since
 * what a token reads as depends on the one before (a leading space is dropped at the start of a text).
 */
function decodeStream(decode: (ids: readonly number[]) => string): DecodeStream {
  let context: number[] = []
  let pending: number[] = []
  const emit = (settled: boolean): string => {
    const before = decode(context)
    const text = decode([...context, ...pending])
    if (!settled && text.endsWith('\uFFFD') && pending.length < LONGEST_WAIT) return ''
    context = pending
    pending = []
    return text.slice(before.length)
  }
  return {
    push(id) {
      pending.push(id)
      return emit(false)
    },
    flush: () => (pending.length ? emit(true) : ''),
  }
}

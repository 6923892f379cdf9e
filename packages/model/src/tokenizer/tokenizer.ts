import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { invalidTokenizer, tokenBeyondVocabulary } from '../errors.ts'
import { createPipeline, type Pipeline } from './pipeline/pipeline.ts'
import { specialTokens, withAddedTokens } from './special-tokens.ts'
import { isByteLevel, type TokenBytes, tokenBytes } from './token-bytes.ts'

/** Text ⇄ token ids, as the model's tokenizer.json says. */
export interface Tokenizer {
  readonly vocabSize: number
  readonly bosTokenId: number | null
  readonly padTokenId: number | null
  /** Any of these ends a generation. */
  readonly eosTokenIds: readonly number[]
  /** Tokens that stand for something else than text. */
  readonly specialTokenIds: ReadonlySet<number>
  /** Whether a token adds the same bytes wherever in a text it stands. */
  readonly byteLevel: boolean
  /** With the special tokens the tokenizer puts around a text (a BOS, where it has one) unless `addSpecialTokens` is false. */
  encode(text: string, options?: { addSpecialTokens?: boolean }): number[]
  decode(ids: readonly number[], options?: { skipSpecialTokens?: boolean }): string
  /** Decodes token by token; see `DecodeStream`. Of special tokens that are skipped, those that are `shown` are not. */
  stream(options?: { skipSpecialTokens?: boolean; shown?: ReadonlySet<number> | undefined }): DecodeStream
  /** The exact bytes that a token adds to a text: of a part of a character too. */
  bytes: TokenBytes
  tokenToId(token: string): number | undefined
  idToToken(id: number): string | undefined
}

/** Text of a growing sequence: what `push` returned so far, joined, never ends within a character. */
export interface DecodeStream {
  /** The text that this token completed; often '' (a byte of a longer character). */
  push(id: number): string
  /** Whether part of a character waits for its rest. */
  readonly waiting: boolean
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
  return createTokenizer(withAddedTokens(definition, special), config, { ...model, ...generation }, join(folder, 'tokenizer.json'))
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
  let pipeline: Pipeline
  try {
    pipeline = createPipeline(definition)
  } catch (cause) {
    throw invalidTokenizer(where, `it is not a tokenizer that can be used: ${(cause as Error).message}.`, cause)
  }
  const named = (token: unknown): number | undefined => {
    const text = typeof token === 'string' ? token : (token as Json | null)?.content
    return typeof text === 'string' ? pipeline.tokenToId(text) : undefined
  }
  const eos = [ids.eos_token_id, named(tokenizerConfig.eos_token)].flat().filter((id): id is number => typeof id === 'number')
  const encode: Tokenizer['encode'] = (text, { addSpecialTokens = true } = {}) => pipeline.encode(text, addSpecialTokens)
  const decode: Tokenizer['decode'] = (tokens, { skipSpecialTokens = true } = {}) => pipeline.decode(tokens, skipSpecialTokens)
  const { idToToken, specialIds } = pipeline
  const bytes = tokenBytes(definition, { encode, decode, idToToken })
  const byteLevel = isByteLevel(definition)
  return {
    vocabSize: pipeline.vocabSize,
    bosTokenId: ids.bos_token_id ?? named(tokenizerConfig.bos_token) ?? null,
    padTokenId: ids.pad_token_id ?? named(tokenizerConfig.pad_token) ?? null,
    eosTokenIds: [...new Set(eos)],
    specialTokenIds: specialIds,
    byteLevel,
    encode,
    decode,
    stream: ({ skipSpecialTokens = true, shown } = {}) => {
      const isSkipped = (id: number): boolean => skipSpecialTokens && specialIds.has(id) && !shown?.has(id)
      return byteLevel
        ? byteStream((id) => (isSkipped(id) ? new Uint8Array() : bytes(id)))
        : decodeStream((tokens) => decode(tokens, { skipSpecialTokens: false }), isSkipped)
    },
    bytes,
    tokenToId: pipeline.tokenToId,
    idToToken,
  }
}

/** Of a model with so many tokens, whose tokenizer may know more: a text with one of those is refused, since nothing stands for it in the model's table. */
export const withinVocabulary = <Given extends Tokenizer | null>(tokenizer: Given, size: number): Given =>
  tokenizer && {
    ...tokenizer,
    // What the model cannot write ends no answer, and none is taught to end with it.
    eosTokenIds: tokenizer.eosTokenIds.filter((id) => id < size),
    encode: (text, options) => {
      const ids = tokenizer.encode(text, options)
      const beyond = ids.find((id) => id >= size)
      if (beyond !== undefined) throw tokenBeyondVocabulary(tokenizer.idToToken(beyond) ?? '', beyond, size)
      return ids
    },
  }

/** Decodes UTF-8 byte by byte: whole characters come out at once, and of a token that ends within one only that rest waits. */
function byteStream(bytes: (id: number) => Uint8Array): DecodeStream {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: false })
  let last: number[] = []
  return {
    push(id) {
      const own = bytes(id)
      last = [...last, ...own.subarray(-3)].slice(-3)
      return decoder.decode(own, { stream: true })
    },
    get waiting() {
      return endsWithin(last)
    },
    flush() {
      last = []
      return decoder.decode()
    },
  }
}

/** Whether bytes of UTF-8 end within a character. */
function endsWithin(bytes: readonly number[]): boolean {
  const lead = bytes.findLastIndex((byte) => (byte & 0xc0) !== 0x80)
  const byte = bytes[lead] ?? 0
  const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
  return bytes.length - lead < length
}

/** A run this long that never becomes a character is not one: it is let through, so that a stream of bad bytes cannot stall. */
const LONGEST_WAIT = 16

/**
 * Decodes a window of recent tokens and emits what was added to it. The window keeps the tokens emitted last, since
 * what a token reads as depends on the one before (a leading space is dropped at the start of a text).
 */
function decodeStream(decode: (ids: readonly number[]) => string, isSkipped: (id: number) => boolean): DecodeStream {
  let context: number[] = []
  let pending: number[] = []
  const emit = (settled: boolean): string => {
    const before = decode(context)
    const whole = decode([...context, ...pending])
    // A byte that spoils a run of bytes spoils in hindsight what was written of it (ByteFallback): that stays, and the byte is written by itself.
    const text = whole.startsWith(before) ? whole : before + decode(pending)
    if (!settled && text.endsWith('\uFFFD') && pending.length < LONGEST_WAIT) return ''
    context = text === before ? [...context, ...pending] : pending // what showed nothing gives the next token no place to stand
    pending = []
    return text.slice(before.length)
  }
  return {
    push(id) {
      if (isSkipped(id)) return ''
      pending.push(id)
      return emit(false)
    },
    get waiting() {
      return pending.length > 0
    },
    flush: () => (pending.length ? emit(true) : ''),
  }
}

type Json = Record<string, any>

/** A token that is matched in a text before anything else looks at it, as tokenizer.json spells it. */
export interface AddedToken {
  content: string
  special: boolean
  single_word: boolean
  lstrip: boolean
  rstrip: boolean
  normalized: boolean
}

export interface SpecialTokens {
  /** `bos_token` and its like, as chat templates know them. */
  named: Record<string, string>
  /** Tokens that the tokenizer has besides those of tokenizer.json, in the order in which they are added. */
  added: AddedToken[]
  /** One of tokenizer.json's own, as the other files have it. */
  known<Token extends AddedToken>(token: Token): Token
}

const STANDARD = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token']

const text = (token: unknown): string | undefined => {
  const content = typeof token === 'string' ? token : (token as Json | null)?.content
  return typeof content === 'string' ? content : undefined
}

const isSpecial = (content: string): AddedToken => ({ content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false })

/** As the file spells it; what it leaves out is false, and a token that is not special is looked for in normalized text. */
const asWritten = (token: Json, special: boolean): AddedToken => ({
  content: token.content,
  special,
  single_word: token.single_word ?? false,
  lstrip: token.lstrip ?? false,
  rstrip: token.rstrip ?? false,
  normalized: token.normalized ?? !special,
})

/**
 * Special tokens of a model folder, gathered as Transformers 5 does: tokenizer_config.json names them; where it has no `added_tokens_decoder`,
 * special_tokens_map.json wins over it and added_tokens.json adds to it. Any `*_token`, and each of a map of extra ones, has a name.
 */
export const specialTokens = (config: Json, specialTokensMap: Json | null, addedTokens: Json | null): SpecialTokens => {
  const legacy = config.added_tokens_decoder === undefined
  const merged: Json = { ...config, ...(legacy && specialTokensMap) }
  const extra = firstOf(merged.extra_special_tokens, merged.additional_special_tokens)
  const named = new Map<string, unknown>(STANDARD.map((name) => [name, merged[name]]))
  for (const [name, token] of Object.entries(config)) if (name.endsWith('_token') && typeof token === 'string') named.set(name, merged[name])
  if (extra && !Array.isArray(extra)) for (const [name, token] of Object.entries(extra)) named.set(name, token)
  const shown = [...named].map(([name, token]) => [name, text(token)] as const).filter((entry): entry is [string, string] => entry[1] !== undefined)

  const added = new Map<string, AddedToken>()
  const add = (token: AddedToken): unknown => added.has(token.content) || added.set(token.content, token)
  const names = new Set(shown.map(([, content]) => content))
  if (legacy) for (const content of byId(addedTokens ?? {})) add({ ...isSpecial(content), special: names.has(content), normalized: !names.has(content) })
  else for (const token of decoderTokens(config.added_tokens_decoder)) add(asWritten(token, Boolean(token.special) || names.has(token.content)))
  for (const token of [...named.values(), ...(Array.isArray(extra) ? extra : [])]) {
    const content = text(token)
    if (content !== undefined) add(typeof token === 'string' ? isSpecial(content) : asWritten(token as Json, true))
  }
  // What names a special token says so of it, and `added_tokens_decoder` wins over tokenizer.json.
  const standard = new Set(shown.filter(([name]) => STANDARD.includes(name)).map(([, content]) => content))
  const decoder = new Map(decoderTokens(config.added_tokens_decoder ?? {}).map((token) => [token.content, asWritten(token, Boolean(token.special))]))
  const known: SpecialTokens['known'] = (token) => {
    const said = legacy ? token : decoder.get(token.content)
    return said ? { ...token, ...said, special: token.special || said.special || standard.has(token.content) } : token
  }
  return { named: Object.fromEntries(shown), added: [...added.values()], known }
}

const firstOf = (a: unknown, b: unknown): unknown => {
  const empty = a === undefined || a === null || (Array.isArray(a) && a.length === 0)
  return empty ? b : a
}

const byId = (ids: Json): string[] =>
  Object.entries(ids)
    .sort(([, a], [, b]) => a - b)
    .map(([content]) => content)

const decoderTokens = (decoder: Json): Json[] =>
  Object.entries(decoder)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, token]) => token)
    .filter((token) => typeof token?.content === 'string')

/** A tokenizer.json with these tokens among its own: under the id that its vocabulary has for them, else after all others. */
export const withAddedTokens = (definition: Json, { added, known }: Pick<SpecialTokens, 'added' | 'known'>): Json => {
  const own: (AddedToken & { id: number })[] = (definition.added_tokens ?? []).map(known)
  const contents = new Set(own.map(({ content }) => content))
  const missing = added.filter(({ content }) => !contents.has(content))
  if (missing.length === 0) return { ...definition, added_tokens: own }
  const vocabulary = new Map<string, number>(
    Array.isArray(definition.model?.vocab)
      ? definition.model.vocab.map(([piece]: [string], id: number) => [piece, id])
      : Object.entries(definition.model?.vocab ?? {}),
  )
  let next = Math.max(vocabulary.size, ...own.map(({ id }) => id + 1))
  return { ...definition, added_tokens: [...own, ...missing.map((token) => ({ ...token, id: vocabulary.get(token.content) ?? next++ }))] }
}

import { expecting, longListOf } from '@weft/adapters'
import * as z from 'zod/mini'

/** Longest text of one field: what a whole body may have, so that no text is refused that its body is not. */
const longestText = 8 * 2 ** 20

/** A text that somebody sent. */
export const textSchema = z.string().check(z.maxLength(longestText))

/** So many texts of one request are read beside the lists of texts that its tenant has asked for; more of them wait behind those. */
export const fewTexts = 16

/** A `model` field: a base model's name, a route, or an expression, which has limits of its own. */
export const modelFieldSchema = z
  .string(expecting('what is asked: "base", a route, or an expression such as "base + style/speech"'))
  .check(z.minLength(1), z.maxLength(65_536))

/** A composition's key: the digest of its canonical form. */
export const compositionKeySchema = z.string().check(z.maxLength(128))

const tokenSchema = z.int().check(z.gte(0), z.lte(2 ** 31 - 1))
const mostTokens = z.maxLength(1_000_000)

/** Tokens of a prompt, by id. */
export const tokensSchema = longListOf(tokenSchema, mostTokens)
export const someTokensSchema = longListOf(tokenSchema, z.minLength(1), mostTokens)

/** A text that is split into words already. */
export const wordsSchema = z.array(textSchema).check(z.minLength(1), z.maxLength(100_000))

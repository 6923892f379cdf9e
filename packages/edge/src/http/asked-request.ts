import { fieldsAt } from '@weft/adapters'
import type { $ZodType } from 'zod/v4/core'
import { type AskedTexts, askedTexts } from '../auto/asked-texts.ts'
import { guessTokens } from '../runner/meter.ts'

/** What a body says that policies and routes look at, whatever the endpoint. */
export interface AskedRequest {
  /** Who the end user is, where the client says so. */
  user?: string
  /** Most tokens of one answer, where the request says how many. */
  maxTokens?: number
  /** Tokens of the body, guessed. */
  promptTokens: number
  /** What is asked in words. */
  words: AskedTexts
  /** Answers that are generated; 0 where the endpoint generates none. */
  answers: number
}

/** What `body` says, which `schema` has found good. */
export function askedRequest(schema: $ZodType, body: unknown): AskedRequest {
  const fields = (body !== null && typeof body === 'object' ? body : {}) as Record<string, unknown>
  const known = fieldsAt(schema)
  const generates = known.includes('maxTokens') || known.includes('maxOutputTokens')
  const [maxTokens] = ['max_completion_tokens', 'max_output_tokens', 'max_tokens'].map((name) => fields[name]).filter((value) => typeof value === 'number')
  const [user] = ['user', 'safety_identifier'].map((name) => fields[name]).filter((value) => typeof value === 'string')
  return {
    ...(user === undefined ? {} : { user }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    promptTokens: guessTokens(charactersIn(fields)),
    words: askedTexts(fields),
    answers: generates ? (typeof fields.n === 'number' ? fields.n : 1) * promptsIn(fields.prompt) : 0,
  }
}

/** A list of numbers is one prompt of tokens. */
const promptsIn = (prompt: unknown): number => (Array.isArray(prompt) && prompt.length > 0 && typeof prompt[0] !== 'number' ? prompt.length : 1)

/**
 * Characters of all that a model may come to read; a token that is given by its number counts as one of a token's. A prompt is read before each text that is scored,
 * an input before each of the choices.
 */
function charactersIn({ prompt, messages, input, tools, choices }: Record<string, unknown>): number {
  const of = (value: unknown): number =>
    typeof value === 'string'
      ? value.length
      : typeof value === 'number'
        ? 4
        : value !== null && typeof value === 'object'
          ? Object.values(value).reduce((sum: number, each) => sum + of(each), 0)
          : 0
  const inputs = Array.isArray(input) ? input.length : 1
  const labelled = Array.isArray(choices) ? choices.length * of(input) + inputs * of(choices) : of(input)
  return of([messages, tools]) + inputs * of(prompt) + labelled
}

import { type Expression, parse, splitModel } from '@weft/adapters'
import { isWeftError, type Prompt } from '@weft/protocol'
import { twinNotText, twinTakesText } from '../resolve/errors.ts'

/** What stands in for a route's composition: a base model, and a text before whatever is asked. */
export interface TextTwin {
  model: string
  text: string
}

/**
 * Reads a twin: an expression of a base model and texts (`base + "Answer as a president would."`), or a text that is no expression at all.
 * Error 400 `twin_not_text` for an expression that names adapters, strengths or operators.
 */
export function readTwin(written: string, models: readonly string[], fallback: string): TextTwin {
  let parsed: Expression
  try {
    parsed = parse(written)
  } catch (error) {
    if (!isWeftError(error)) throw error
    return { model: fallback, text: written }
  }
  const { model, rest } = splitModel(parsed, models, fallback)
  const terms = rest === null ? [] : rest.kind === 'sum' ? rest.terms : [rest]
  return { model, text: terms.map((term) => (term.kind === 'text' ? term.text : refuse(written))).join('') }
}

const refuse = (written: string): never => {
  throw twinNotText(written)
}

/** The prompt with the twin's text before it: of a chat, a system message. Error 422 `twin_takes_text` for a prompt of tokens. */
export function withTwin(text: string | undefined, prompt: Prompt): Prompt {
  if (!text) return prompt
  if ('tokens' in prompt) throw twinTakesText()
  return 'messages' in prompt ? { ...prompt, messages: [{ role: 'system', content: text }, ...prompt.messages] } : { text: textWithTwin(text, prompt.text) }
}

export const textWithTwin = (text: string | undefined, prompt: string): string => (text ? `${text}${/\s$/.test(text) ? '' : '\n'}${prompt}` : prompt)

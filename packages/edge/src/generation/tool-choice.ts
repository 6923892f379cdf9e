import type { ChatCompletionRequest, ToolFunction } from '@weft/protocol'
import { invalidRequest } from '../errors.ts'
import type { AnswerForm } from './answer-form.ts'

/**
 * How calls stand in an answer: all of it is the arguments of one function (`name`), or it is one call with its name (`written`), or it is text
 * with calls in tags behind it (`tagged`).
 */
export type CallForm = { kind: 'arguments'; name: string } | { kind: 'written' } | { kind: 'tagged' }

export interface ToolChoice {
  tools: ToolFunction[]
  form: AnswerForm
  calls: CallForm
}

/** What a chat asks about functions; null where none may be called. Error 400 `invalid_request` */
export function toolChoice({ tools, toolChoice: choice }: Pick<ChatCompletionRequest, 'tools' | 'toolChoice'>): ToolChoice | null {
  const functions = (tools ?? []).map((tool) => tool.function)
  if (functions.length === 0) {
    if (choice === 'required' || typeof choice === 'object') if (choice) throw invalidRequest('expected "tools" beside it', 'tool_choice')
    return null
  }
  for (const [i, { name, parameters }] of functions.entries()) {
    if (functions.findIndex((other) => other.name === name) !== i) throw invalidRequest(`there are two functions "${name}"`, `tools[${i}].function.name`)
    if (parameters != null && (parameters as { type?: unknown }).type !== 'object')
      throw invalidRequest('expected a JSON schema of "type": "object"', `tools[${i}].function.parameters`)
  }
  if (choice === 'none') return null
  const named = typeof choice === 'object' && choice ? choice.function.name : undefined
  const only = named === undefined ? (choice === 'required' && functions.length === 1 ? functions[0] : undefined) : functions.find(({ name }) => name === named)
  if (named !== undefined && !only) throw invalidRequest(`"${named}" is not among the tools`, 'tool_choice')
  if (only) {
    const schema = only.parameters ?? { type: 'object', properties: {} }
    const param = `tools[${functions.indexOf(only)}].function.parameters`
    return { tools: functions, form: { grammar: { type: 'json_schema', schema }, param }, calls: { kind: 'arguments', name: only.name } }
  }
  const optional = choice !== 'required'
  return { tools: functions, form: { grammar: { type: 'tool_calls', functions, optional }, param: 'tools' }, calls: { kind: optional ? 'tagged' : 'written' } }
}

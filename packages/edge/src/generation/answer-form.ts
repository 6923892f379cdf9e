import { isWeftError, parseExactly } from '@weft/adapters'
import type { ChatCompletionRequest, CompletionRequest, Grammar } from '@weft/protocol'
import { invalidRequest, ofField } from '../errors.ts'

/** What an answer has to be, and the field of the request that says so. */
export interface AnswerForm {
  grammar: Grammar
  param: string
  /** The field that says what text has to be where a call may stand in its place. */
  textParam?: string
}

/** The form that `response_format` or `structured_outputs` asks for; null for free text. Error 400 `invalid_request` where both do. */
export function answerForm({
  responseFormat,
  structuredOutputs,
}: Pick<CompletionRequest | ChatCompletionRequest, 'responseFormat' | 'structuredOutputs'>): AnswerForm | null {
  const format = formatOf(responseFormat)
  return soleForm([...(format ? [format] : []), ...structuredForms(structuredOutputs)])
}

/** The one form that is asked for. Error 400 `invalid_request` for several. */
export function soleForm(forms: readonly AnswerForm[]): AnswerForm | null {
  if (forms.length > 1) throw invalidRequest(`it says what the answer must be, and so does ${forms[0].param}: give one of them`, forms[1].param)
  return forms[0] ?? null
}

function formatOf(format: CompletionRequest['responseFormat']): AnswerForm | null {
  if (format?.type === 'json_object') return { grammar: { type: 'json_object' }, param: 'response_format' }
  if (format?.type !== 'json_schema') return null
  if (format.jsonSchema.schema === undefined) throw invalidRequest('expected a JSON schema', 'response_format.json_schema.schema')
  return { grammar: { type: 'json_schema', schema: format.jsonSchema.schema }, param: 'response_format.json_schema.schema' }
}

/** The forms that `structured_outputs` asks for. */
export function structuredForms(outputs: CompletionRequest['structuredOutputs']): AnswerForm[] {
  if (!outputs) return []
  const { json, jsonObject, regex, choice } = outputs
  const at = (name: string, grammar: Grammar): AnswerForm => ({ grammar, param: `structured_outputs.${name}` })
  return [
    ...(json == null ? [] : [at('json', { type: 'json_schema', schema: typeof json === 'string' ? parsed(json) : json })]),
    ...(jsonObject ? [at('json_object', { type: 'json_object' })] : []),
    ...(regex == null ? [] : [at('regex', { type: 'regex', regex })]),
    ...(choice == null ? [] : [at('choice', { type: 'choice', choice })]),
  ]
}

const parsed = (json: string): unknown => {
  try {
    return parseExactly(json)
  } catch (error) {
    throw invalidRequest(`expected a JSON schema, or its text: ${(error as Error).message}`, 'structured_outputs.json')
  }
}

/** The runner refuses a grammar; the client wrote a field. */
export async function sayingField<T>(form: AnswerForm | null, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!form || !isWeftError(error)) throw error
    if (error.param === 'grammar.text' && form.textParam !== undefined) throw ofField(error, form.textParam)
    throw error.param === 'grammar' ? ofField(error, form.param) : error
  }
}

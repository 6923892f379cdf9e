import type { ResponseRequest } from '@weft/protocol'
import { invalidRequest } from '../errors.ts'
import { type AnswerForm, soleForm, structuredForms } from '../generation/answer-form.ts'

/** The form that `text.format` or `structured_outputs` asks for; null for free text. Error 400 `invalid_request` where both do. */
export function textForm({ text, structuredOutputs }: Pick<ResponseRequest, 'text' | 'structuredOutputs'>): AnswerForm | null {
  const format = formatOf(text?.format)
  return soleForm([...(format ? [format] : []), ...structuredForms(structuredOutputs)])
}

function formatOf(format: NonNullable<ResponseRequest['text']>['format']): AnswerForm | null {
  if (format?.type === 'json_object') return { grammar: { type: 'json_object' }, param: 'text.format' }
  if (format?.type !== 'json_schema') return null
  if (format.schema === undefined) throw invalidRequest('expected a JSON schema', 'text.format.schema')
  return { grammar: { type: 'json_schema', schema: format.schema }, param: 'text.format.schema' }
}

import type { ResponseRequest } from '@weft/protocol'
import type { AskedFunctions } from '../generation/tool-choice.ts'

/** What a response is asked about functions. */
export const responseFunctions = ({
  tools,
  toolChoice,
  parallelToolCalls,
}: Pick<ResponseRequest, 'tools' | 'toolChoice' | 'parallelToolCalls'>): AskedFunctions => ({
  functions: (tools ?? []).map(({ name, description, parameters, strict }) => ({ name, description, parameters, strict })),
  choice: toolChoice,
  single: parallelToolCalls === false,
  at: (place, field) => `tools[${place}]${field ? `.${field}` : ''}`,
})

import type { ResponseRequest } from '@weft/protocol'
import type { AskedFunctions } from '../generation/tool-choice.ts'

/** What a response is asked about functions. */
export const responseFunctions = ({
  tools,
  toolChoice,
  parallelToolCalls,
}: Pick<ResponseRequest, 'tools' | 'toolChoice' | 'parallelToolCalls'>): AskedFunctions => ({
  functions: (tools ?? []).map(({ name, description, parameters, strict }) => ({ name, description, parameters, strict })),
  choice:
    typeof toolChoice === 'object' && toolChoice?.type === 'allowed_tools'
      ? { mode: toolChoice.mode, names: toolChoice.tools.map(({ name }) => name) }
      : toolChoice,
  single: parallelToolCalls === false,
  at: (place, field) => `tools[${place}]${field ? `.${field}` : ''}`,
  chosenAt: (place) => `tool_choice${place === undefined ? '' : `.tools[${place}]`}.name`,
})

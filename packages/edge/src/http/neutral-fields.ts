import { unsupportedParameter } from '../errors.ts'

interface Neutral {
  isNeutral: (value: unknown) => boolean
  supported: string
}

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && Object.keys(value).length === 0)

const only = (supported: string, ...values: unknown[]): Neutral => ({
  isNeutral: (value) => isNothing(value) || values.includes(value),
  supported,
})

/** Parameters that change an answer and that no runner honours: refused, unless they ask for what happens anyway. */
export const neutralFields: Readonly<Record<string, Neutral>> = {
  n: only('1: this endpoint gives one answer', 1),
  best_of: only('1: this endpoint gives one answer', 1),
  response_format: { isNeutral: (value) => isNothing(value) || (value as { type?: unknown }).type === 'text', supported: '{"type": "text"}' },
  modalities: { isNeutral: (value) => isNothing(value) || String(value) === 'text', supported: '["text"]' },
  tools: only('absent: chat completions take tools'),
  tool_choice: only('"none"', 'none', 'auto'),
  functions: only('none'),
  function_call: only('"none"', 'none', 'auto'),
  audio: only('none'),
  web_search_options: only('none'),
  reasoning_effort: only('"none"', 'none'),
  echo: only('false: /v1/score gives the log-probabilities of a prompt'),
  suffix: only('none', ''),
  stream: only('false: this endpoint answers in one piece'),
  integrations: only('none'),
}

/** Whether a field may be left out. Error 400 `unsupported_parameter`: better than an answer that quietly is not what was asked for. */
export function isNeutral(name: string, value: unknown): boolean {
  if (!Object.hasOwn(neutralFields, name)) return false
  const { isNeutral: asksForNothing, supported } = neutralFields[name]!
  if (!asksForNothing(value)) throw unsupportedParameter(name, supported)
  return true
}

import { unsupportedParameter } from '../errors.ts'

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** OpenAI's parameters that change an answer and that no runner honours: refused, unless they ask for what happens anyway. */
const neutral: Record<string, { isNeutral: (value: unknown) => boolean; supported: string }> = {
  n: { isNeutral: (value) => isNothing(value) || value === 1, supported: 'one answer per request (1); send several requests' },
  best_of: { isNeutral: (value) => isNothing(value) || value === 1, supported: 'one answer per request (1)' },
  frequency_penalty: { isNeutral: (value) => isNothing(value) || value === 0, supported: '0' },
  presence_penalty: { isNeutral: (value) => isNothing(value) || value === 0, supported: '0' },
  logit_bias: { isNeutral: isNothing, supported: 'none' },
  response_format: { isNeutral: (value) => isNothing(value) || (value as { type?: unknown }).type === 'text', supported: '{"type": "text"}' },
  tools: { isNeutral: isNothing, supported: 'none' },
  functions: { isNeutral: isNothing, supported: 'none' },
  audio: { isNeutral: isNothing, supported: 'none' },
  echo: { isNeutral: isNothing, supported: 'false; /v1/score gives the log-probabilities of a prompt' },
  suffix: { isNeutral: (value) => isNothing(value) || value === '', supported: 'none' },
}

/** Error 400 `unsupported_parameter`: better than an answer that quietly is not what was asked for. */
export function refuseUnsupported(body: unknown): void {
  if (body === null || typeof body !== 'object') return
  for (const [param, { isNeutral, supported }] of Object.entries(neutral))
    if (!isNeutral((body as Record<string, unknown>)[param])) throw unsupportedParameter(param, supported)
}

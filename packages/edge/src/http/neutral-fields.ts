import { unsupportedParameter } from '../errors.ts'

interface Neutral {
  isNeutral: (value: unknown) => boolean
  /** What is accepted, as JSON; nothing when absent. */
  only?: string
  why?: string
}

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && Object.keys(value).length === 0)

const only = (accepted: string, values: readonly unknown[], why?: string): Neutral => ({
  isNeutral: (value) => isNothing(value) || values.includes(value),
  only: accepted,
  ...(why && { why }),
})

const none = (why?: string): Neutral => ({ isNeutral: isNothing, ...(why && { why }) })

/** Parameters that change an answer and that no runner honours: refused, unless they ask for what happens anyway. */
const neutralFields: Readonly<Record<string, Neutral>> = {
  n: only('1', [1], 'this endpoint gives one answer'),
  best_of: only('1', [1], 'this endpoint gives one answer'),
  response_format: { isNeutral: (value) => isNothing(value) || (value as { type?: unknown }).type === 'text', only: '{"type": "text"}' },
  modalities: { isNeutral: (value) => isNothing(value) || String(value) === 'text', only: '["text"]' },
  tools: none('chat completions take tools'),
  tool_choice: only('"none"', ['none', 'auto']),
  // Where no function is called, none is called beside it.
  parallel_tool_calls: { isNeutral: () => true },
  functions: none('chat completions take functions as "tools"'),
  function_call: only('"none"', ['none', 'auto'], 'chat completions take "tools" and "tool_choice"'),
  audio: none(),
  // At OpenAI an empty object switches the search on.
  web_search_options: { isNeutral: (value) => value === undefined || value === null || value === false },
  verbosity: only('"medium"', ['medium']),
  reasoning_effort: only('"none"', ['none']),
  reasoning: {
    isNeutral: (value) => isNothing(value) || Object.values(value as object).every((each) => each === null || each === 'none'),
    only: '{"effort": "none"}',
  },
  background: only('false', [], 'an answer comes while its request lasts'),
  conversation: none('previous_response_id goes on from a stored answer'),
  prompt: none('a route keeps what requests share: its composition, and defaults'),
  // Counts calls of OpenAI's own tools, and there are none.
  max_tool_calls: { isNeutral: () => true },
  context_management: none(),
  moderation: none(),
  access_programs: none(),
  image: none(),
  echo: only('false', [], '/v1/score gives the log-probabilities of a prompt'),
  suffix: { isNeutral: (value) => isNothing(value) || value === '' },
  stream: only('false', [], 'this endpoint answers in one piece'),
  integrations: none(),
}

/** Whether a field may be left out. Error 400 `unsupported_parameter`: better than an answer that quietly is not what was asked for. */
export function isNeutral(name: string, value: unknown): boolean {
  if (!Object.hasOwn(neutralFields, name)) return false
  const { isNeutral: asksForNothing, ...accepted } = neutralFields[name]!
  if (!asksForNothing(value)) throw unsupportedParameter(name, accepted)
  return true
}

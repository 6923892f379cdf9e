import { WeftError } from '@weft/adapters'

/** An expression that has quotes of its own is told as it is. */
const quoted = (expression: string): string => (expression.includes('"') ? expression : `"${expression}"`)

export const autoNeedsText = (param: string) =>
  new WeftError(
    'auto_needs_text',
    '"auto(…)" chooses by what is asked, and this request says nothing in words: give a prompt, messages or inputs of text. To explain such a composition, say what would be asked as "input".',
    { param },
  )

export const autoSeveralInputs = (inputs: number, param: string) =>
  new WeftError(
    'auto_several_inputs',
    `"auto(…)" chooses for one text, and here are ${inputs}, which may each want another composition. Send each in a request of its own, or all of them as a file of requests (POST /v1/batches).`,
    { param, details: { inputs } },
  )

export const autoWithoutProbes = (operand: string, ids: readonly string[]) =>
  new WeftError(
    'auto_without_probes',
    `${quoted(operand)} carries no probes, so "auto(…)" can not know when it is meant. ${ids.length === 0 ? 'Name an adapter in it.' : `Give it some, inputs as it is asked, without answers: npx weft probes ${ids[0]} --file FILE, or PUT /v1/adapters/${ids[0]}/probes.`}`,
    { status: 409, param: 'model', details: { operand } },
  )

export const autoOperandsAlike = (one: string, other: string) =>
  new WeftError(
    'auto_operands_alike',
    `${quoted(one)} and ${quoted(other)} carry the same probes, or one of them all of the other's, so "auto(…)" can not tell which of them is meant. Name an adapter in one operand only, and one version of it; adapters that are asked the same are composed with "+" or "experts(…)".`,
    { status: 409, param: 'model', details: { operands: [one, other] } },
  )

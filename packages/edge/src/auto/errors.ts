import { WeftError } from '@weft/adapters'

export const autoNeedsText = () =>
  new WeftError(
    'auto_needs_text',
    '"auto(…)" chooses by what is asked, and this request says nothing in words: give a prompt, messages or inputs of text. To explain such a composition, say what would be asked as "input".',
    { param: 'input' },
  )

export const autoWithoutProbes = (operand: string, ids: readonly string[]) =>
  new WeftError(
    'auto_without_probes',
    `"${operand}" carries no probes, so "auto(…)" can not know when it is meant. ${ids.length === 0 ? 'Name an adapter in it.' : `PUT /v1/adapters/${ids[0]}/probes gives it some: inputs as it is asked, without answers.`}`,
    { status: 409, param: 'model', details: { operand } },
  )

import { CliError } from '../errors.ts'

export const toolsMalformed = (path: string, reason: string | undefined) =>
  new CliError(
    'tools_malformed',
    `${path} offers no functions${reason === undefined ? '' : ` (${reason})`}: expected a JSON list of {"type": "function", "function": {"name": …, "parameters": …}}, or training rows that have one as "tools".`,
    2,
  )

import { ModelError } from '@weft/model'
import { CommanderError } from 'commander'
import { CliError } from './errors.ts'
import { withNegativeStrengths } from './negative-strengths.ts'
import { endOnBrokenOutput } from './output/broken-output.ts'
import { program } from './program.ts'

/** Runs one command line. Exit codes: 0 done, 1 failed, 2 asked wrongly. */
export const main = async (argv: readonly string[]): Promise<void> => {
  endOnBrokenOutput()
  try {
    const command = program()
    await command.parseAsync(withNegativeStrengths(command, argv))
  } catch (error) {
    const json = argv.includes('--json')
    if (!(error instanceof CommanderError)) fail(error, json)
    // --help and --version are no errors; a command without its subcommand has printed its help.
    else if (error.exitCode === 0) process.exitCode = 0
    else if (error.code === 'commander.help') process.exitCode = 2
    else fail(askedWrongly(error), json)
  }
}

/** What commander says in lines of its own, in one: the reason, and where to read on. */
const askedWrongly = ({ message, path = 'npx weft' }: CommanderError & { path?: string }): CliError =>
  new CliError(
    'usage',
    `${message
      .replace(/^error: /, '')
      .replace(/\s*\n\s*/g, ' ')
      .replace(/\.$/, '')} (${path} --help says more)`,
    2,
  )

/** What only a command line can advise. */
const hints: Record<string, string> = {
  edge_unreachable: ' Another place is named with --url or WEFT_URL.',
  invalid_api_key: ' An edge on this machine keeps its key in its state folder: name that with --state DIR, or give a key with --key.',
}

/** Errors of what was named on the command line, found without asking anybody. */
const ofTheCommandLine = new Set([
  'not_pullable',
  'option_unread',
  'signing_key_malformed',
  'invalid_database',
  'invalid_storage',
  'invalid_variable',
  'local_key_elsewhere',
  's3_not_configured',
])

const isOfTheCommandLine = (error: unknown, code: string): boolean =>
  ofTheCommandLine.has(code) || (error instanceof ModelError && error.code === 'model_not_found')

const fail = (error: unknown, json: boolean): void => {
  const { code = 'internal_error', message = String(error), param } = error as { code?: string; message?: string; param?: string }
  process.exitCode = error instanceof CliError ? error.exitCode : isOfTheCommandLine(error, code) ? 2 : 1
  if (json) process.stderr.write(`${JSON.stringify({ error: { code, message, ...(param ? { param } : {}) } })}\n`)
  else process.stderr.write(`weft: ${message}${hints[code] ?? ''}\n`)
  if (code === 'internal_error' && process.env.WEFT_LOG_LEVEL === 'debug') console.error(error)
}

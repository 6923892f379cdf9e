import { CommanderError } from 'commander'
import { CliError } from './errors.ts'
import { program } from './program.ts'

/** Runs one command line. Exit codes: 0 done, 1 failed, 2 asked wrongly. */
export const main = async (argv: readonly string[]): Promise<void> => {
  try {
    await program().parseAsync(argv)
  } catch (error) {
    // Commander has printed its own errors; --help and --version are no errors.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
    else fail(error, argv.includes('--json'))
  }
}

const fail = (error: unknown, json: boolean): void => {
  const { code = 'internal_error', message = String(error), param } = error as { code?: string; message?: string; param?: string }
  process.exitCode = error instanceof CliError ? error.exitCode : 1
  if (json) process.stderr.write(`${JSON.stringify({ error: { code, message, ...(param ? { param } : {}) } })}\n`)
  else process.stderr.write(`weft: ${message}\n`)
  if (code === 'internal_error' && process.env.WEFT_LOG_LEVEL === 'debug') console.error(error)
}

import { snakeCase } from '@weft/adapters'
import { hyperparametersSchema } from '@weft/methods'
import { type Command, CommanderError } from 'commander'
import { runningUrl, stoppedUrl } from './connection.ts'
import { CliError, expressionUnquoted, noSubcommand } from './errors.ts'
import { inOptions, type Refused } from './input/option-of-field.ts'
import { withNegativeStrengths } from './negative-strengths.ts'
import { endOnBrokenOutput } from './output/broken-output.ts'
import { printFailure } from './output/failure.ts'
import { program } from './program.ts'
import { meantBy, strayWord, wordBeforeHelp } from './subcommand-names.ts'

/** Runs one command line. Exit codes: 0 done, 1 failed, 2 asked wrongly. */
export const main = async (argv: readonly string[]): Promise<void> => {
  endOnBrokenOutput()
  leaveOutEmptyVariables(process.env)
  let asked: Command | undefined
  try {
    const command = program().hook('preAction', (_, action) => {
      asked = action
    })
    const nowhere = wordBeforeHelp(command, argv.slice(2))
    if (nowhere) throw noSubcommand(pathOf(nowhere.group), nowhere.word, meantBy(nowhere.group, nowhere.word), namesOf(nowhere.group))
    await command.parseAsync(withNegativeStrengths(command, argv))
  } catch (error) {
    const json = argv.includes('--json')
    if (!(error instanceof CommanderError)) fail(error, json, asked)
    // --help and --version are no errors; a command without its subcommand has printed its help.
    else if (error.exitCode === 0) process.exitCode = 0
    else if (error.code === 'commander.help') process.exitCode = 2
    else fail(askedWrongly(error), json)
  }
}

/** A variable of Weft's that is set to nothing says nothing: of an empty `WEFT_HOST` commander would make an address, which is every one. */
export const leaveOutEmptyVariables = (environment: NodeJS.ProcessEnv): void => {
  for (const name of Object.keys(environment)) if (name.startsWith('WEFT_') && environment[name] === '') delete environment[name]
}

/** What commander says in lines of its own, in one: the reason, and where to read on. */
const askedWrongly = ({ code, message, command }: CommanderError & { command?: Command }): CliError => {
  const stray = command && code === 'commander.excessArguments' ? strayWord(command) : undefined
  if (stray) return noSubcommand(pathOf(stray.group), stray.word, meantBy(stray.group, stray.word), namesOf(stray.group))
  if (command && code === 'commander.unknownCommand' && command.args[0] !== undefined)
    return noSubcommand(pathOf(command), command.args[0], meantBy(command, command.args[0]), namesOf(command))
  if (command && code === 'commander.excessArguments' && command.args.includes('+')) return expressionUnquoted()
  const reason = message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '')
  return new CliError(
    'usage',
    `${reason}${command && code === 'commander.unknownOption' ? otherwiseWritten(command, reason) : ''} (${command ? pathOf(command) : 'npx weft'} --help says more)`,
    2,
  )
}

/** What an option that there is not was meant for: a value behind one that takes none, or a hyperparameter. */
const otherwiseWritten = (command: Command, reason: string): string => {
  const [, name, value] = /'--([^=']+)(?:=([^']*))?'/.exec(reason) ?? []
  if (name === undefined) return ''
  if (value !== undefined && command.options.some(({ long }) => long === `--${name}`)) return `: --${name} takes no value`
  const isHyperparameter = Object.keys(hyperparametersSchema.shape).some((field) => snakeCase(field) === name.replaceAll('-', '_'))
  return isHyperparameter && command.options.some(({ long }) => long === '--hyper') ? `; say --hyper ${name.replaceAll('-', '_')}=${value ?? '…'}` : ''
}

const namesOf = ({ commands }: Command): string[] => commands.map((sub) => sub.name())

/** A command as it is typed: `npx weft jobs show`. */
const pathOf = (command: Command): string => (command.parent ? `${pathOf(command.parent)} ${command.name()}` : 'npx weft')

/** What only a command line can advise. */
const hints: Record<string, (asked: Command | undefined) => string> = {
  edge_unreachable: (asked) => `${elsewhere(asked)} Another place is named with --url or WEFT_URL.`,
  empty_prompt: (asked) => (asked?.name() === 'run' ? ' Give a prompt after the expression, or pipe one in.' : ''),
  invalid_api_key: () => ' An edge on this machine keeps its key in its state folder: name that with --state DIR, or give a key with --key.',
}

/** Of what asked somewhere else than where the weft of its state folder runs, or ran. */
const elsewhere = (asked: Command | undefined): string => {
  const { url, state } = asked?.opts<{ url?: string; state?: string }>() ?? {}
  const running = runningUrl(state)
  if (running !== undefined) return running === url ? '' : ` The one that runs here listens at ${running}.`
  const stopped = stoppedUrl(state)
  return stopped === undefined || stopped === url ? '' : ` The one of this state folder listened at ${stopped}, and is stopped.`
}

/** @param asked the command that ran, whose options its errors are told by */
const fail = (error: unknown, json: boolean, asked?: Command): void => {
  const { code = 'internal_error', message: said = String(error), param, details } = error as { code?: string } & Partial<Refused>
  const message = asked ? inOptions(asked, { message: said, param, details }) : said
  process.exitCode = printFailure(error, json, { message, more: hints[code]?.(asked) })
  if (code === 'internal_error' && process.env.WEFT_LOG_LEVEL === 'debug') console.error(error)
}

import type { Command } from 'commander'
import { optionUnread, optionUnreadBeside } from '../errors.ts'

/**
 * Refuses options that a command line names and that the command, asked so, would not read. Defaults and variables of the environment are nobody's words.
 * @param names of their values, as the action has them: `learningRate`
 * @param why what is missing, or what stands in the way: `{ without: '--self-study' }`, `{ beside: '--write' }`
 * @throws CliError `option_unread`
 */
export function refuseUnread(command: Command, names: readonly string[], why: { without: string } | { beside: string }): void {
  for (const option of command.options) {
    const name = option.attributeName()
    if (!names.includes(name) || command.getOptionValueSource(name) !== 'cli') continue
    const flag = option.long ?? name
    throw 'without' in why ? optionUnread(flag, why.without) : optionUnreadBeside(flag, why.beside)
  }
}

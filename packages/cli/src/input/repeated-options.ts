import type { Command } from 'commander'
import { optionTwice } from '../errors.ts'

/**
 * Refuses an option that is given twice, of which the first value would be dropped: unless its parser takes what was said before, as those that are repeatable do.
 * A switch may be given again, beside its own contrary not. Of one command; a command line is read once.
 * @throws CliError `usage`, while the line is read
 */
export function refuseRepeated(command: Command): void {
  const said = new Map<string, string>()
  for (const option of command.options) {
    const { variadic, parseArg, long, short } = option
    if (variadic || (parseArg?.length ?? 0) > 1) continue
    const flag = long ?? short!
    command.on(`option:${option.name()}`, () => {
      const before = said.get(option.attributeName())
      if (before !== undefined && (before !== flag || option.required || option.optional)) throw optionTwice(before, flag)
      said.set(option.attributeName(), flag)
    })
  }
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { adapters } from './commands/adapters.ts'
import { bench } from './commands/bench.ts'
import { calibrate } from './commands/calibrate.ts'
import { dev } from './commands/dev.ts'
import { explain } from './commands/explain.ts'
import { exportAdapter } from './commands/export.ts'
import { importAdapter } from './commands/import.ts'
import { interfere } from './commands/interfere.ts'
import { jobs } from './commands/jobs.ts'
import { publish } from './commands/publish.ts'
import { run } from './commands/run.ts'
import { train } from './commands/train.ts'
import { verifyPeft } from './commands/verify-peft.ts'
import { root } from './launcher/project.ts'

/** The `weft` command: one file per subcommand. */
export const program = (): Command => {
  const { version, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string; description: string }
  const weft = new Command('weft')
    .description(description)
    .version(version)
    .exitOverride()
    .configureHelp({ sortSubcommands: false })
    .showHelpAfterError('(weft --help lists the commands, and weft COMMAND --help what one takes)')
  for (const command of [dev, train, publish, run, explain, calibrate, interfere, adapters, jobs, importAdapter, exportAdapter, verifyPeft, bench]) {
    weft.addCommand(inheriting(command()))
  }
  return weft
}

/** Subcommands throw as the program does, down the whole tree. */
const inheriting = (command: Command): Command => {
  command.exitOverride().showHelpAfterError(true)
  for (const sub of command.commands) inheriting(sub)
  return command
}

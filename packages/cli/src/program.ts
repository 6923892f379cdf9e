import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { adapters } from './commands/adapters.ts'
import { bench } from './commands/bench/bench.ts'
import { calibrate } from './commands/calibrate.ts'
import { classify } from './commands/classify.ts'
import { dev } from './commands/dev.ts'
import { embed } from './commands/embed.ts'
import { explain } from './commands/explain.ts'
import { files } from './commands/files.ts'
import { interfere } from './commands/interfere.ts'
import { jobs } from './commands/jobs.ts'
import { methods } from './commands/methods.ts'
import { models } from './commands/models.ts'
import { exportAdapter } from './commands/peft/export.ts'
import { importAdapter } from './commands/peft/import.ts'
import { verifyPeft } from './commands/peft/verify-peft.ts'
import { publish } from './commands/publish.ts'
import { pull } from './commands/pull.ts'
import { routes } from './commands/routes.ts'
import { run } from './commands/run.ts'
import { score } from './commands/score.ts'
import { train } from './commands/train.ts'
import { root } from './launcher/project.ts'

/** The `weft` command: one file per subcommand. */
export const program = (): Command => {
  const { version, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string; description: string }
  const weft = new Command('weft').description(description).version(version).configureHelp({ sortSubcommands: false })
  for (const command of commands) weft.addCommand(command())
  return throwing(weft, 'npx weft')
}

const commands = [
  ...[dev, pull],
  ...[train, publish, run, classify, score, embed, explain, calibrate, interfere],
  ...[models, methods, adapters, routes, files, jobs],
  ...[importAdapter, exportAdapter, verifyPeft, bench],
]

/** A command line that is asked wrongly prints nothing by itself: it throws, down the whole tree, and says of which command. */
const throwing = (command: Command, path: string): Command => {
  command
    .exitOverride((error) => {
      throw Object.assign(error, { path })
    })
    .configureOutput({ outputError: () => {} })
  for (const sub of command.commands) throwing(sub, `${path} ${sub.name()}`)
  return command
}

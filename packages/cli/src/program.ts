import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { adapters } from './commands/adapters/adapters.ts'
import { alias, aliases, rollback } from './commands/adapters/aliases.ts'
import { calibrate } from './commands/adapters/calibrate.ts'
import { diff } from './commands/adapters/diff.ts'
import { gate } from './commands/adapters/gate.ts'
import { gc } from './commands/adapters/gc.ts'
import { interfere } from './commands/adapters/interfere.ts'
import { probes } from './commands/adapters/probes.ts'
import { publish } from './commands/adapters/publish.ts'
import { sign, signKeys } from './commands/adapters/sign.ts'
import { describe } from './commands/base-models/describe.ts'
import { models } from './commands/base-models/models.ts'
import { pull } from './commands/base-models/pull.ts'
import { bench } from './commands/bench/bench.ts'
import { dev } from './commands/dev.ts'
import { batches } from './commands/inference/batches.ts'
import { classify } from './commands/inference/classify.ts'
import { embed } from './commands/inference/embed.ts'
import { explain } from './commands/inference/explain.ts'
import { run } from './commands/inference/run.ts'
import { score } from './commands/inference/score.ts'
import { mcp } from './commands/mcp.ts'
import { openConsole } from './commands/operations/console.ts'
import { move } from './commands/operations/move.ts'
import { top } from './commands/operations/top.ts'
import { exportAdapter } from './commands/peft/export.ts'
import { importAdapter } from './commands/peft/import.ts'
import { verifyPeft } from './commands/peft/verify-peft.ts'
import { policy } from './commands/routes/policy.ts'
import { routes } from './commands/routes/routes.ts'
import { usage } from './commands/routes/usage.ts'
import { serve } from './commands/serve.ts'
import { audit } from './commands/tenants/audit.ts'
import { keys } from './commands/tenants/keys.ts'
import { shares } from './commands/tenants/shares.ts'
import { compress } from './commands/training/compress.ts'
import { files } from './commands/training/files.ts'
import { jobs } from './commands/training/jobs.ts'
import { methods } from './commands/training/methods.ts'
import { settle } from './commands/training/settle.ts'
import { steer } from './commands/training/steer.ts'
import { train } from './commands/training/train.ts'
import { refuseRepeated } from './input/repeated-options.ts'
import { nameAlike } from './subcommand-names.ts'

/** The `weft` command: one file per subcommand. */
export const program = (): Command => {
  const { version, description } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string; description: string }
  const weft = new Command('weft').description(description).version(version).configureHelp({ sortSubcommands: false })
  for (const command of commands) weft.addCommand(command())
  return throwing(weft)
}

const commands = [
  ...[dev, serve, pull, describe],
  ...[train, steer, compress, settle, publish, run, classify, score, embed, explain, calibrate, interfere, probes],
  ...[models, methods, adapters, routes, policy, usage, files, jobs, batches, top, openConsole, mcp],
  ...[keys, shares, audit],
  ...[aliases, alias, rollback, diff, gate, sign, signKeys, gc, move],
  ...[importAdapter, exportAdapter, verifyPeft, bench],
]

/** A command line that is asked wrongly prints nothing by itself: it throws, down the whole tree, and says of which command. */
const throwing = (command: Command): Command => {
  command
    .exitOverride((error) => {
      throw Object.assign(error, { command })
    })
    .configureOutput({ outputError: () => {} })
  if (command.parent) nameAlike(command)
  refuseRepeated(command)
  for (const sub of command.commands) throwing(sub)
  return command
}

import { type TaskType, taskTypes } from '@weft/adapters'
import { PluginRegistry } from '@weft/methods'
import { type Command, Option } from 'commander'
import { firstModel, readConfiguration } from '../../configuration.ts'
import { inputFile } from '../../input/input-file.ts'
import { namedFile } from '../../input/named-files.ts'
import { defaultConfig } from '../../launcher/project.ts'
import { whole } from '../../numbers.ts'
import { outputOf, table } from '../../output/output.ts'
import { pair } from '../../pair.ts'

interface Options {
  set: Record<string, unknown>
  task?: TaskType
  adapter: Record<string, string>
  model?: string
  config: string
  threads?: number
  json?: boolean
}

const signs = { true: 'ok', false: 'FAULT', null: '–' } as const

/** `weft methods check`: a plugin's method, seen at work. */
export const checkMethodCommand = (command: Command): Command =>
  command
    .description('train a method for a few steps, and look whether it keeps what is asked of one: for whoever writes a plugin')
    .argument('<method>', 'the id of one of the plugins of the configuration')
    .option('--set <key=value>', "one of the method's settings: --set num_virtual_tokens=20 (repeatable)", pair, {})
    .addOption(new Option('--task <task>', "what it is trained for (default: language modelling, or the method's first)").choices(taskTypes))
    .option('--adapter <name=file>', 'an adapter that its settings name, such as a trunk (repeatable)', namedFile, {})
    .option('--model <source>', "a base model's folder, package, hub id or pulled name (default: the configuration's first)")
    .option('--config <file>', 'models, plugins and routes', defaultConfig)
    .option('--threads <n>', 'threads', whole(1))
    .option('--json', 'print JSON')
    .action(async (id: string, options: Options) => {
      const config = await readConfiguration(options.config)
      const plugin = new PluginRegistry(config.plugins).get(id)
      const required = Object.fromEntries(Object.entries(options.adapter).map(([name, path]) => [name, inputFile(path, 'an adapter file')]))
      const { openSession } = await import('@weft/session')
      const { checkMethod } = await import('@weft/bench/check-method/check-method')
      const output = outputOf(options)
      await using session = await openSession(options.model ?? firstModel(config, options.config), {
        plugins: config.plugins,
        probe: false,
        ...(options.threads !== undefined && { threads: options.threads }),
      })
      const checks = await checkMethod(session, plugin, { settings: options.set, required, ...(options.task && { task: options.task }) })
      output.result({ method: id, model: session.model.name, checks }, () =>
        table(
          ['', `${id} on ${session.model.name}`, ''],
          checks.map(({ check, ok, said }) => [signs[`${ok}`], check, said]),
        ),
      )
      const fault = checks.find(({ ok }) => ok === false)
      // What was asked for has to be another, or the method has.
      if (fault) process.exitCode = fault.check === 'settings' ? 2 : 1
    })

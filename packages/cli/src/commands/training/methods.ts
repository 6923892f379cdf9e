import { Command } from 'commander'
import { readConfiguration } from '../../configuration.ts'
import { defaultConfig } from '../../launcher/project.ts'
import { outputOf, table } from '../../output.ts'

export const methods = (): Command =>
  new Command('methods')
    .description('the methods that a configuration names: what "npx weft train --method" takes')
    .option('--config <file>', 'models, plugins and routes', defaultConfig)
    .option('--json', 'print JSON')
    .action(async (options: { config: string; json?: boolean }) => {
      const { plugins } = await readConfiguration(options.config)
      const list = plugins.map(({ id, sites, tasks }) => ({ id, sites, tasks: tasks ?? [] }))
      outputOf(options).result(list, () =>
        table(
          ['method', 'acts at', 'tasks'],
          list.map(({ id, sites, tasks }) => [id, sites.join(', '), tasks.length > 0 ? tasks.join(', ') : 'every task']),
        ),
      )
    })

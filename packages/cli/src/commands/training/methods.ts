import { toWire } from '@weft/adapters'
import { defaultHyperparameters, hyperparametersSchema, usualHyperparameters } from '@weft/methods'
import { Command } from 'commander'
import { readConfiguration } from '../../configuration.ts'
import { defaultConfig } from '../../launcher/project.ts'
import { outputOf, table } from '../../output/output.ts'
import { checkMethodCommand } from './check-method.ts'

export const methods = (): Command => {
  const command = new Command('methods').description('the methods that a configuration names: what "npx weft train --method" takes')
  command
    .command('list', { isDefault: true })
    .description('what they act at and how they are trained (the default)')
    .option('--config <file>', 'models, plugins and routes', defaultConfig)
    .option('--json', 'print JSON')
    .action(async (options: { config: string; json?: boolean }) => {
      const { plugins, defaults } = await readConfiguration(options.config)
      const list = plugins.map((plugin) => ({
        id: plugin.id,
        sites: plugin.sites,
        tasks: plugin.tasks ?? [],
        hyperparameters: toWire(hyperparametersSchema, defaultHyperparameters({ ...defaults?.hyperparameters, ...usualHyperparameters(plugin) })) as {
          learning_rate: number
        },
      }))
      outputOf(options).result(list, () =>
        table(
          ['method', 'acts at', 'learning rate', 'tasks'],
          list.map(({ id, sites, tasks, hyperparameters }, i) => [
            id,
            sites.join(', '),
            `${hyperparameters.learning_rate}${typeof plugins[i]!.hyperparameters?.learningRate === 'function' ? ', less on a wide model' : ''}`,
            tasks.length > 0 ? tasks.join(', ') : 'every task',
          ]),
        ),
      )
    })
  checkMethodCommand(command.command('check'))
  return command
}

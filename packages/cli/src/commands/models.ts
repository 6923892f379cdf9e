import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../connection.ts'
import { outputOf, table } from '../output.ts'

export const models = (): Command =>
  connected(new Command('models'))
    .description('what a model field may name: base models, routes and adapters')
    .action(async (options: Connection) => {
      const list = await clientOf(options).models()
      outputOf(options).result(list, () =>
        table(
          ['model', 'kind', 'composition'],
          list.map(({ id, kind, composition }) => [id, kind ?? '–', composition ?? '–']),
        ),
      )
    })

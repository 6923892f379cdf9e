import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { outputOf, table } from '../../output/output.ts'
import { readerSaid } from './reader-said.ts'

/** `weft shares` */
export const shares = (): Command => {
  const command = new Command('shares').description('let other tenants read adapters whose names begin with a prefix')
  connected(command.command('list', { isDefault: true }))
    .description('what the tenant shares (the default)')
    .action(async (options: Connection) => {
      const list = await clientOf(options).shares.list()
      outputOf(options).result(list, () =>
        list.length === 0
          ? 'Nothing is shared.'
          : table(
              ['prefix', 'reader'],
              list.map((share) => [share.prefix, readerSaid(share)]),
            ),
      )
    })
  connected(command.command('put'))
    .argument('<prefix>', 'of names, such as style/')
    .argument('<reader>', 'a tenant, or * for every one')
    .description('share a prefix')
    .action(async (prefix: string, reader: string, options: Connection) => {
      const share = await clientOf(options).shares.put({ prefix, reader })
      outputOf(options).result(share, () =>
        reader === '*' || share.readerKnown
          ? `${prefix} can be read by ${readerSaid(share)}.`
          : share.readerKnown === undefined
            ? `${prefix} can be read by the tenant ${reader}, if there is one of that name: only an operator's key is told.`
            : `${prefix} is shared with ${reader}, but there is no tenant of that name yet. One that is made under it will read it; for a slip: npx weft shares delete ${prefix} ${reader}`,
      )
    })
  connected(command.command('delete'))
    .argument('<prefix>')
    .argument('<reader>')
    .description('share a prefix no longer')
    .action(async (prefix: string, reader: string, options: Connection) => {
      const deleted = await clientOf(options).shares.delete({ prefix, reader })
      outputOf(options).result(deleted, () => `${prefix} is shared with ${readerSaid({ reader })} no longer.`)
    })
  return command
}

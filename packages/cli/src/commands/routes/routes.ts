import type { RouteObject } from '@weft/protocol'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { outputOf, table } from '../../output/output.ts'
import { putRoute } from './put-route.ts'
import { routeMetrics, routeRollback, routeVersions } from './route-history.ts'

const listing = (routes: readonly RouteObject[]): string =>
  routes.length === 0
    ? 'No routes yet. "npx weft routes put NAME EXPRESSION" makes one.'
    : table(
        ['route', 'composition', 'description'],
        routes.map(({ name, composition, description }) => [name, composition, description ?? '–']),
      )

export const routes = (): Command => {
  const command = new Command('routes').description('list, show, make and delete routes: names for compositions')
  connected(command.command('list', { isDefault: true }))
    .description('all of them (the default)')
    .action(async (options: Connection) => {
      const list = await clientOf(options).routes.list()
      outputOf(options).result(list, () => listing(list))
    })
  connected(command.command('show'))
    .argument('<name>')
    .description('one route')
    .action(async (name: string, options: Connection) => {
      const route = await clientOf(options).routes.get(name)
      outputOf(options).result(route, () => JSON.stringify(route, null, 2))
    })
  for (const sub of [putRoute, routeVersions, routeRollback, routeMetrics]) command.addCommand(sub())
  connected(command.command('delete'))
    .argument('<name>')
    .description('delete a route')
    .action(async (name: string, options: Connection) => {
      const deleted = await clientOf(options).routes.delete(name)
      outputOf(options).result(deleted, () => `${name} is deleted`)
    })
  return command
}

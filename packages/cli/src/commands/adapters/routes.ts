import type { RouteObject } from '@weft/protocol'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { real, whole } from '../../numbers.ts'
import { outputOf, table } from '../../output.ts'

const listing = (routes: readonly RouteObject[]): string =>
  routes.length === 0
    ? 'No routes yet. "npx weft routes put NAME EXPRESSION" makes one.'
    : table(
        ['route', 'composition', 'description'],
        routes.map(({ name, composition, description }) => [name, composition, description ?? '–']),
      )

interface PutOptions extends Connection {
  description?: string
  temperature?: number
  maxTokens?: number
}

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
  connected(command.command('put'))
    .argument('<name>')
    .argument('<expression>', 'what the name stands for')
    .description('make a route, or change one')
    .option('--description <text>', 'what it is for')
    .option('--temperature <t>', 'unless a request says otherwise', real(0, 2))
    .option('--max-tokens <n>', 'unless a request says otherwise', whole(1))
    .action(async (name: string, composition: string, { description, temperature, maxTokens, ...options }: PutOptions) => {
      const defaults = { ...(temperature === undefined ? {} : { temperature }), ...(maxTokens === undefined ? {} : { maxTokens }) }
      const route = await clientOf(options).routes.put(name, {
        composition,
        ...(description === undefined ? {} : { description }),
        ...(Object.keys(defaults).length > 0 ? { defaults } : {}),
      })
      outputOf(options).result(route, () => `${route.name} stands for ${route.composition}`)
    })
  connected(command.command('delete'))
    .argument('<name>')
    .description('delete a route')
    .action(async (name: string, options: Connection) => {
      const deleted = await clientOf(options).routes.delete(name)
      outputOf(options).result(deleted, () => `${name} is deleted`)
    })
  return command
}

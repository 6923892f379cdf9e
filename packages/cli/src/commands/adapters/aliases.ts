import { latest } from '@weft/adapters'
import type { WeftClient } from '@weft/client'
import type { AliasObject } from '@weft/protocol'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { whole } from '../../numbers.ts'
import { outputOf, table } from '../../output/output.ts'
import { utc } from '../../output/utc.ts'

/** Of a name that every one of whose versions is a candidate, or was rolled back from. */
export const noVersionOf = (name: string): string =>
  `"${name}" stands for no version: each is a candidate, or was rolled back from. "npx weft rollback ${name} --to VERSION" names one that has passed.`

const noneText = (name: string | undefined): string =>
  name === undefined ? 'No adapters yet. "npx weft train --help" says how to make one.' : noVersionOf(name)

const listing = (aliases: readonly AliasObject[], name?: string): string =>
  aliases.length === 0
    ? noneText(name)
    : table(
        ['name', 'stands for', 'since', 'digest'],
        aliases.map(({ id, name, alias, version, updatedAt, digest }) => [
          alias === latest ? name : id,
          `${name}@${version}`,
          utc(updatedAt),
          digest.slice(0, 19),
        ]),
      )

/** `3`, or what `name@3`, an alias or `latest` stands for. */
const versionOf = async (weft: WeftClient, name: string, given: string): Promise<number> =>
  /^[1-9]\d{0,8}$/.test(given) ? Number(given) : (await weft.adapters.get(`${name}@${given}`)).version

/** `weft aliases`: what names and aliases stand for. */
export const aliases = (): Command =>
  connected(new Command('aliases'))
    .description('what a name and its aliases stand for')
    .argument('[name]', 'one name alone')
    .action(async (name: string | undefined, options: Connection) => {
      const { adapters } = clientOf(options)
      const names = name === undefined ? [...new Set((await adapters.list()).map((adapter) => adapter.name))] : [name]
      const list = (await Promise.all(names.map((each) => adapters.aliases(each)))).flat()
      outputOf(options).result(list, () => listing(list, name))
    })

/** `weft alias set`, `weft alias delete` */
export const alias = (): Command => {
  const command = new Command('alias').description('make, move and delete aliases: names for versions, such as style/speech@prod')
  connected(command.command('set'))
    .argument('<name>', "the adapter's name")
    .argument('<alias>', 'such as prod')
    .argument('<version>', 'a number, another alias, or "latest"')
    .description('make an alias, or move it')
    .option('--expected <version>', 'move it only from this version; with 0, only where it is new', whole(0))
    .action(async (name: string, alias: string, version: string, { expected, ...options }: Connection & { expected?: number }) => {
      const weft = clientOf(options)
      const moved = await weft.adapters.setAlias(
        name,
        alias,
        await versionOf(weft, name, version),
        expected === undefined ? {} : { expected: expected || null },
      )
      outputOf(options).result(moved, () => `${moved.id} stands for ${name}@${moved.version}${from(moved)}`)
    })
  connected(command.command('delete'))
    .argument('<name>', "the adapter's name")
    .argument('<alias>')
    .description('delete an alias; its version stays')
    .action(async (name: string, alias: string, options: Connection) => {
      const deleted = await clientOf(options).adapters.deleteAlias(name, alias)
      outputOf(options).result(deleted, () => `${deleted.id} is deleted`)
    })
  return command
}

const from = ({ name, previous, version }: AliasObject): string => {
  if (previous === version) return ', as before'
  return previous ? `, and no more for ${name}@${previous}` : ''
}

/** `weft rollback` */
export const rollback = (): Command =>
  connected(new Command('rollback'))
    .argument('<name>', "the adapter's name")
    .description('let a name stand for an earlier version again; nothing is deleted')
    .option('--to <version>', 'which one (default: the one before)', whole(1))
    .option('--expected <version>', 'only if the name stands for this version now', whole(1))
    .action(async (name: string, { to, expected, ...options }: Connection & { to?: number; expected?: number }) => {
      const moved = await clientOf(options).adapters.rollback(name, { ...(to === undefined ? {} : { to }), ...(expected === undefined ? {} : { expected }) })
      outputOf(options).result(moved, () => `${name} stands for ${name}@${moved.version}${from(moved)}. The next publication moves it forward.`)
    })

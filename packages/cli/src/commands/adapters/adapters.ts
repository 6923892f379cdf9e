import { latest } from '@weft/adapters'
import type { AdapterObject } from '@weft/protocol'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { bytes, outputOf, table } from '../../output/output.ts'
import { force, type Overwriting, requireWritable, writeOutput } from '../../output/output-file.ts'
import { noVersionOf } from './aliases.ts'

const listing = (adapters: readonly AdapterObject[]): string =>
  adapters.length === 0
    ? 'No adapters yet. "npx weft train --help" says how to make one.'
    : table(
        ['adapter', 'stands for', 'method', 'task', 'sites', 'virtual tokens', 'size', 'digest'],
        adapters.map((a) => [
          a.id,
          standsFor(a),
          a.method,
          a.task,
          a.sites.join(', '),
          a.virtualTokens.rows + a.virtualTokens.prefix,
          bytes(a.bytes),
          a.digest.slice(0, 19),
        ]),
      )

/** The bare name and its aliases, where they stand for this version. */
const standsFor = ({ name, aliases, candidate }: AdapterObject): string =>
  aliases.map((alias) => (alias === latest ? name : `@${alias}`)).join(', ') || (candidate ? 'candidate' : '–')

/** What bare names and aliases stand for, and of a name that stands for nothing its newest version. In the order in which they came. */
const inUse = (adapters: readonly AdapterObject[]): AdapterObject[] => {
  const standing = new Set(adapters.flatMap(({ name, aliases }) => (aliases.includes(latest) ? [name] : [])))
  const seen = new Set<string>()
  return adapters.filter(({ name, aliases }) => {
    const newest = !seen.has(name)
    seen.add(name)
    return aliases.length > 0 || (newest && !standing.has(name))
  })
}

export const adapters = (): Command => {
  const command = new Command('adapters').description('list, show, download and delete published adapters')
  connected(command.command('list', { isDefault: true }))
    .description('what names and aliases stand for (the default)')
    .option('--all', 'every version')
    .action(async (options: Connection & { all?: boolean }) => {
      const every = await clientOf(options).adapters.list()
      const list = options.all ? every : inUse(every)
      outputOf(options).result(list, () => listing(list))
    })
  connected(command.command('versions'))
    .argument('<name>')
    .description('every version of a name, newest first')
    .action(async (name: string, options: Connection) => {
      const list = await clientOf(options).adapters.versions(name)
      outputOf(options).result(list, () => listing(list))
    })
  connected(command.command('show'))
    .argument('<adapter>', 'name, name@version or name@alias')
    .description('one adapter with its manifest')
    .action(async (id: string, options: Connection) => {
      const adapter = await clientOf(options).adapters.get(id)
      outputOf(options).result(adapter, () => JSON.stringify(adapter, null, 2))
    })
  connected(command.command('download'))
    .argument('<adapter>')
    .argument('<file>')
    .description("the adapter's safetensors file")
    .addOption(force())
    .action(async (id: string, file: string, options: Connection & Overwriting) => {
      requireWritable(file, options)
      const content = await clientOf(options).adapters.download(id)
      writeOutput(file, content, options)
      outputOf(options, file).result({ file, bytes: content.length }, () => `${file}: ${bytes(content.length)}`)
    })
  connected(command.command('delete'))
    .argument('<adapter>', 'name@version, or a name for all its versions')
    .description('delete what nothing uses; its numbers are never given again')
    .option('--force', 'also what routes, batches and other adapters use; for admins')
    .action(async (id: string, { force = false, ...options }: Connection & { force?: boolean }) => {
      const { adapters } = clientOf(options)
      const deleted = await adapters.delete(id, { force })
      const [name, version] = id.split('@') as [string, string?]
      // Of a version, what is left may be candidates, and what the name was rolled back from.
      const left = version === undefined || options.json ? [] : await adapters.versions(name).catch(() => [])
      const standsForNone = left.length > 0 && !left.some(({ aliases }) => aliases.includes(latest))
      outputOf(options).result(deleted, () => `${id} is deleted${standsForNone ? `. ${noVersionOf(name)}` : ''}`)
    })
  return command
}

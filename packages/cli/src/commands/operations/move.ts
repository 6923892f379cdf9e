import { Command } from 'commander'
import { bytes, outputOf, table } from '../../output/output.ts'

interface Options {
  from: string
  to: string
  json?: boolean
}

/** A command that moves something that nobody may be using. */
const moving = (name: string, what: string, where: string): Command =>
  new Command(name)
    .description(what)
    .requiredOption('--from <where>', `what was served: ${where}`)
    .requiredOption('--to <where>', 'where it goes to, likewise; nothing is there yet')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nStop weft serve first.')

const database = (): Command =>
  moving('database', 'to another database, such as from SQLite to PostgreSQL', 'a file of SQLite, or postgres://user:password@host/name').action(
    async (options: Options) => {
      const { moveDatabase } = await import('@weft/node-edge')
      const rows = await moveDatabase(options)
      const counts = Object.entries(rows).filter(([, count]) => count > 0)
      const next =
        'Moved. Start weft serve with this --database, and with the same --storage and secrets as before. The old one keeps its rows, and is not served again.'
      outputOf(options).result({ rows }, () => `${table(['table', 'rows'], counts)}\n\n${next}`)
    },
  )

const storage = (): Command =>
  moving('storage', 'to another storage, such as from a folder to S3; asked again, it goes on', 'a folder, or s3://bucket/prefix with AWS_*')
    .requiredOption('--database <where>', 'the database whose storage it is, as weft serve has it: nobody serves it meanwhile')
    .action(async (options: Options & { database: string }) => {
      const { moveStorage } = await import('@weft/node-edge')
      const moved = await moveStorage({ ...options, environment: process.env })
      const { objects, kept } = moved
      outputOf(options).result(
        moved,
        () =>
          `Moved ${objects} object${objects === 1 ? '' : 's'}, ${bytes(moved.bytes)}${kept > 0 ? `; ${kept} of them were there already` : ''}. Start weft serve with this --storage, and the same --database as before. The old one is as it was: remove it when the new one has served.`,
      )
    })

export const move = (): Command => new Command('move').description('move what weft serve keeps to another place').addCommand(database()).addCommand(storage())

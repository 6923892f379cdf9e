import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { inputFile } from '../../input/input-file.ts'
import { uploadName } from '../../input/upload-name.ts'
import { whole } from '../../numbers.ts'
import { bytes, outputOf, table } from '../../output/output.ts'
import { force, type Overwriting, requireWritable, writeOutputPieces } from '../../output/output-file.ts'

export const files = (): Command => {
  const command = new Command('files').description('list, upload, show, download and delete training files')
  connected(command.command('list', { isDefault: true }))
    .description('newest first (the default)')
    .option('--limit <n>', 'at most so many', whole(1, 1000), 100)
    .action(async (options: Connection & { limit: number }) => {
      const { data } = await clientOf(options).files.list({ limit: options.limit })
      outputOf(options).result(data, () =>
        data.length === 0
          ? 'No files yet.'
          : table(
              ['file', 'name', 'kind', 'rows', 'size'],
              data.map((file) => [file.id, file.filename, file.kind ?? '–', file.rows ?? '–', bytes(file.bytes)]),
            ),
      )
    })
  connected(command.command('upload'))
    .argument('<file>', 'JSONL; every line is checked')
    .description('store a training file')
    .action(async (path: string, options: Connection) => {
      const content = inputFile(path, 'a JSONL file of training rows')
      const file = await clientOf(options).files.upload({ content, filename: uploadName(path) })
      outputOf(options).result(file, () => `${file.id}: ${file.rows} rows of ${file.kind}, ${bytes(file.bytes)}`)
    })
  connected(command.command('show'))
    .argument('<id>')
    .description('one file')
    .action(async (id: string, options: Connection) => {
      const file = await clientOf(options).files.get(id)
      outputOf(options).result(file, () => JSON.stringify(file, null, 2))
    })
  connected(command.command('download'))
    .argument('<id>')
    .argument('<path>')
    .description("a file's content")
    .addOption(force())
    .action(async (id: string, path: string, options: Connection & Overwriting) => {
      requireWritable(path, options)
      const count = await writeOutputPieces(path, await clientOf(options).files.stream(id), options)
      outputOf(options, path).result({ file: path, bytes: count }, () => `${path}: ${bytes(count)}`)
    })
  connected(command.command('delete'))
    .argument('<id>')
    .description('delete a file')
    .action(async (id: string, options: Connection) => {
      const deleted = await clientOf(options).files.delete(id)
      outputOf(options).result(deleted, () => `${id} is deleted`)
    })
  return command
}

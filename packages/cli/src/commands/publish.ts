import { existsSync, readFileSync } from 'node:fs'
import { Command } from 'commander'
import { clientOf, connected, type Connection } from '../connection.ts'
import { fileMissing } from '../errors.ts'
import { outputOf } from '../output.ts'

export const publish = (): Command => connected(new Command('publish'))
  .description('publish an adapter file as the next version of a name')
  .argument('<file>', 'an adapter\'s safetensors file')
  .requiredOption('--name <name>', 'name to publish under: style/speech')
  .action(async (file: string, options: Connection & { name: string }) => {
    if (!existsSync(file)) throw fileMissing(file)
    const adapter = await clientOf(options).adapters.publish(options.name, new Uint8Array(readFileSync(file)))
    outputOf(options).result(adapter, () => `${adapter.id} is published (${adapter.digest})`)
  })

import type { PulledModel } from '@weft/model'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { bytes, outputOf, table } from '../../output/output.ts'
import { shown } from './pull.ts'

export const models = (): Command =>
  connected(new Command('models'))
    .description('what a model field may name (base models, routes, adapters), and the base models that were pulled')
    .option('--pulled', 'only those that were pulled; asks no server')
    .action(async (options: Connection & { pulled?: boolean }, command: Command) => {
      if (options.pulled) refuseUnread(command, ['url', 'key', 'state', 'tenant'], { beside: '--pulled' })
      const { pulledModels } = await import('@weft/model')
      const pulled = pulledModels()
      const output = outputOf(options)
      const served = options.pulled ? [] : await servedModels(options, pulled.length > 0)
      output.result([...served, ...pulled.map(shown)], () =>
        [
          ...(options.pulled
            ? []
            : [
                table(
                  ['model', 'kind', 'composition'],
                  served.map(({ id, kind, composition }) => [id, kind ?? '–', composition ?? '–']),
                ),
              ]),
          ...(pulled.length > 0 || options.pulled ? [pulledTable(pulled)] : []),
        ].join('\n\n'),
      )
    })

/** Where models were pulled, they can be told of although no server runs yet: that is then said, and no failure. */
const servedModels = async (options: Connection, lenient: boolean) => {
  try {
    return await clientOf(options).models()
  } catch (error) {
    if (!lenient || (error as { code?: string }).code !== 'edge_unreachable') throw error
    process.stderr.write(`Nothing answers at ${options.url}, so no served models are listed. --url or WEFT_URL names another place.\n`)
    return []
  }
}

const pulledTable = (pulled: readonly PulledModel[]): string =>
  pulled.length === 0
    ? 'No models were pulled. "npx weft pull smollm2-135m" brings one.'
    : table(
        ['pulled (for --model)', 'size', 'from'],
        pulled.map(({ name, bytes: size, source }) => [name, bytes(size), source]),
      )

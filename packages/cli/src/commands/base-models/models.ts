import type { PulledModel } from '@weft/model'
import { Command, Option } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { findState } from '../../launcher/local-key.ts'
import { runningOn } from '../../launcher/state-folder.ts'
import { bytes, outputOf, table } from '../../output/output.ts'
import { modelServed, notPulled } from './errors.ts'
import { shown } from './pull.ts'

export const models = (): Command => {
  const command = new Command('models').description('what a model field may name (base models, routes, adapters), and the base models that were pulled')
  connected(command.command('list', { isDefault: true }))
    .description('all of them (the default)')
    .option('--pulled', 'only those that were pulled, and what else is kept of the hub, with its size; asks no server')
    .action(async (options: Connection & { pulled?: boolean }, command: Command) => {
      if (options.pulled) refuseUnread(command, ['url', 'key', 'tenant'], { beside: '--pulled' })
      const { pulledModels } = await import('@weft/model')
      const pulled = pulledModels()
      const output = outputOf(options)
      if (options.pulled) {
        const kept = await besides(findState(options.state))
        return output.result([...pulled.map(shown), ...kept], () => [pulledTable(pulled), ...(kept.length > 0 ? [keptTable(kept)] : [])].join('\n\n'))
      }
      const served = await servedModels(options, pulled.length > 0)
      output.result([...served, ...pulled.map(shown)], () =>
        [
          table(
            ['model', 'kind', 'composition'],
            served.map(({ id, kind, composition }) => [id, kind ?? '–', composition ?? '–']),
          ),
          ...(pulled.length > 0 ? [pulledTable(pulled)] : []),
        ].join('\n\n'),
      )
    })
  command
    .command('delete')
    .argument('<name>', 'as "--pulled" lists it')
    .description('delete a base model that was pulled, what arrived of one, or what is kept of the hub')
    .addOption(new Option('--state <dir>', 'the state folder of a weft that may be serving it (default: the nearest .weft)').env('WEFT_STATE'))
    .option('--json', 'print JSON')
    .action(async (name: string, options: { state?: string; json?: boolean }) => {
      const { deletePulled, pulledModels } = await import('@weft/model')
      const { deleteCopies } = await import('./kept-copies.ts')
      const state = findState(options.state)
      if (runningOn(state).model === name) throw modelServed(name)
      const copies = await deleteCopies(name, state)
      const pulled = await deletePulled(name)
      if ((copies ?? pulled) === undefined) throw notPulled(name, [...pulledModels().map((model) => model.name), ...(await besides(state)).map(({ id }) => id)])
      const freed = (copies ?? 0) + (pulled ?? 0)
      outputOf(options).result({ id: name, object: 'model', deleted: true, bytes: freed }, () => `${name} is deleted (${bytes(freed)})`)
    })
  return command
}

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

/** What is kept beside pulled models: copies of the hub's, and what arrived of pulls that were not ended. */
const besides = async (state: string) => {
  const { unfinishedPulls } = await import('@weft/model')
  const { keptCopies } = await import('./kept-copies.ts')
  return [
    ...keptCopies(state).map(({ name: id, kind: of, path, bytes, complete }) => ({ id, kind: 'fetched' as const, of, path, bytes, complete })),
    ...unfinishedPulls().map(({ name: id, path, bytes }) => ({ id, kind: 'fetched' as const, of: 'model' as const, path, bytes, complete: false })),
  ]
}

const keptTable = (kept: Awaited<ReturnType<typeof besides>>): string =>
  table(
    ['also kept', 'size', 'what', 'where'],
    kept.map(({ id, bytes: size, of, complete, path }) => [id, bytes(size), complete ? of : `${of}, in part`, path]),
  )

const pulledTable = (pulled: readonly PulledModel[]): string =>
  pulled.length === 0
    ? 'No models were pulled. "npx weft pull smollm2-135m" brings one.'
    : table(
        ['pulled (for --model)', 'size', 'from'],
        pulled.map(({ name, bytes: size, source, revision }) => [name, bytes(size), revision === undefined ? source : `${source}, revision ${revision}`]),
      )

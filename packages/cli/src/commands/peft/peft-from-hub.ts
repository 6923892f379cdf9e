import { adaptersOf } from '@weft/model/hub/hub-copies'
import { hubCache } from '@weft/model/hub/hub-id'
import { peftFilesAmong } from '../../peft-folder.ts'
import { progressSaid } from '../../pulling.ts'

interface Options {
  adapter: string | undefined
  revision: string | undefined
}

/**
 * Fetches a PEFT checkpoint of the hub, the two files of one adapter, and returns the folder that they lie in as they do there. What arrived stays in the
 * user's cache: a transfer that broke off goes on, and without network a complete copy serves.
 * @throws what `downloadSnapshot` and `peftFilesAmong` throw
 */
export const peftFromHub = async (id: string, { adapter, revision }: Options, say: (text: string) => void): Promise<string> => {
  const { downloadSnapshot } = await import('@weft/model/hub/snapshot')
  say(`There is no folder ${id} here; it is looked for on the hub.`)
  // Apart from base models: a repository may hold both, and what was fetched of one would go with the other.
  const cacheDir = adaptersOf(hubCache())
  const { folder } = await downloadSnapshot(
    id,
    { folders: 'all', choose: (paths, where) => peftFilesAmong(paths, where, adapter) },
    { cacheDir, revision, onProgress: progressSaid(say), onNote: say },
  )
  return folder
}

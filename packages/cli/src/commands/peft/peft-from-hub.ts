import { readFileSync } from 'node:fs'
import { adaptersOf } from '@weft/model/hub/hub-copies'
import { hubCache } from '@weft/model/hub/hub-id'
import { type PeftFolder, peftFilesAmong } from '../../peft-folder.ts'
import { progressSaid } from '../base-models/pulling.ts'
import { tellEarly } from './told-early.ts'

interface Options {
  adapter: string | undefined
  revision: string | undefined
  /** Imports what was fetched. It is asked before the weights are, for what their header tells. */
  importIt: (files: Pick<PeftFolder, 'config' | 'weights'>) => Promise<unknown>
}

/**
 * Fetches a PEFT checkpoint of the hub, the two files of one adapter, and returns the folder that they lie in as they do there. What arrived stays in the
 * user's cache: a transfer that broke off goes on, and without network a complete copy serves.
 * What is for another base model is refused before its weights are fetched, where their header tells.
 * @throws what `downloadSnapshot` and `peftFilesAmong` throw
 */
export const peftFromHub = async (id: string, { adapter, revision, importIt }: Options, say: (text: string) => void): Promise<string> => {
  const { downloadSnapshot } = await import('@weft/model/hub/snapshot')
  say(`There is no folder ${id} here; it is looked for on the hub.`)
  // Apart from base models: a repository may hold both, and what was fetched of one would go with the other.
  const cacheDir = adaptersOf(hubCache())
  let config: PeftFolder['config'] | undefined
  const { folder } = await downloadSnapshot(
    id,
    {
      folders: 'all',
      choose: (paths, where) => peftFilesAmong(paths, where, adapter),
      // The configuration comes first.
      async arrived(path, file) {
        if (path.endsWith('.json')) config = new Uint8Array(readFileSync(file))
      },
      async before({ path, size }, start) {
        if (config && path.endsWith('.safetensors')) await tellEarly(config, size, start, importIt)
      },
    },
    { cacheDir, revision, onProgress: progressSaid(say), onNote: say },
  )
  return folder
}

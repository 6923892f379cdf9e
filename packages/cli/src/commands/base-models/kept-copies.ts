import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { deleteHubCopy, type HubCopy, hubCopies } from '@weft/model/hub/hub-copies'
import { hubCache } from '@weft/model/hub/hub-id'
import { runningOn } from '../../launcher/state-folder.ts'
import { modelServed } from './errors.ts'

/** What was fetched from the hub without having been pulled: for commands into the user's cache, for runners into their state folder. */
export const keptCopies = (state: string): HubCopy[] => [hubCache(), ...cachesOf(state)].flatMap((cache) => hubCopies(cache))

const cachesOf = (state: string): string[] =>
  existsSync(state)
    ? readdirSync(state)
        .filter((name) => /^runner(-\d+)?$/.test(name))
        .sort()
        .map((runner) => hubCache(join(state, runner)))
    : []

/**
 * Deletes the copies of one name, of base models and adapters alike. Bytes that were freed; undefined where there is none.
 * @throws CliError `model_served` where a weft runs on the state folder that holds one; ModelError `hub_copy_busy`
 */
export const deleteCopies = async (name: string, state: string): Promise<number | undefined> => {
  const copies = keptCopies(state).filter((copy) => copy.name === name)
  if (copies.length === 0) return undefined
  const { url, model } = runningOn(state)
  // Its weights are read from there when they are needed.
  if ((url ?? model) !== undefined && cachesOf(state).some((cache) => copies.some(({ path }) => path.startsWith(cache)))) throw modelServed(name)
  let freed = 0
  for (const copy of copies) freed += await deleteHubCopy(copy)
  return freed
}

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { peftPickle } from '@weft/methods/errors'
import { adapterUnknown, fileMissing, malformedFolder, severalAdapters } from './errors.ts'

const CONFIG = 'adapter_config.json'
const WEIGHTS = 'adapter_model.safetensors'

export interface PeftFolder {
  /** PEFT's name of the adapter that was taken. */
  name: string
  config: Uint8Array<ArrayBuffer>
  weights: Uint8Array<ArrayBuffer>
}

/**
 * PEFT's two files. `save_pretrained` puts the adapter `default` into the folder itself and any other into a folder of its name.
 * @param adapter which one, where there are several
 * @throws CliError `malformed_folder`, `several_adapters`, `adapter_unknown`, `file_missing`; 422 `peft_pickle`
 */
export const readPeftFolder = (dir: string, adapter?: string): PeftFolder => {
  requireFolder(dir)
  const { name, folder } = chosenIn(dir, adapter)
  const weights = join(folder, WEIGHTS)
  if (!existsSync(weights) && existsSync(join(folder, 'adapter_model.bin'))) throw peftPickle(join(folder, 'adapter_model.bin'))
  return { name, config: contentOf(join(folder, CONFIG)), weights: contentOf(weights) }
}

/** @throws CliError `malformed_folder` */
export const requireFolder = (dir: string): void => {
  const found = statSync(dir, { throwIfNoEntry: false })
  if (!found) throw malformedFolder(dir, 'there is no such file or folder')
  if (!found.isDirectory()) throw malformedFolder(dir, 'it is a file; expected a folder')
}

const chosenIn = (dir: string, adapter: string | undefined): { name: string; folder: string } => {
  const named = readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(dir, entry.name, CONFIG)))
    .map(({ name }) => name)
    .sort()
  const all = [...(existsSync(join(dir, CONFIG)) ? ['default'] : []), ...named]
  if (!all.length) throw malformedFolder(dir, `it holds no ${CONFIG}, nor does a folder in it`)
  if (adapter === undefined && all.length > 1 && all[0] !== 'default') throw severalAdapters(dir, all)
  const chosen = adapter ?? all[0]
  if (!all.includes(chosen)) throw adapterUnknown(dir, chosen, all)
  return { name: chosen, folder: chosen === 'default' && !named.includes('default') ? dir : join(dir, chosen) }
}

const contentOf = (path: string): Uint8Array<ArrayBuffer> => {
  if (!existsSync(path)) throw fileMissing(path)
  return new Uint8Array(readFileSync(path))
}

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { peftPickle } from '@weft/methods/errors'
import { ggufOnHub } from './commands/peft/errors.ts'
import { adapterUnknown, fileMissing, malformedFolder, severalAdapters } from './errors.ts'

const CONFIG = 'adapter_config.json'
const WEIGHTS = 'adapter_model.safetensors'
const PICKLE = 'adapter_model.bin'

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
  if (!existsSync(weights) && existsSync(join(folder, PICKLE))) throw peftPickle(join(folder, PICKLE))
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
  const { name, folder } = chosenAmong(dir, existsSync(join(dir, CONFIG)) ? ['', ...named] : named, adapter)
  return { name, folder: join(dir, folder) }
}

/**
 * Which of the folders that hold a configuration is meant.
 * @param where what holds them, as errors name it
 * @param folders by name, '' is what holds them itself
 */
const chosenAmong = (where: string, folders: readonly string[], adapter: string | undefined): { name: string; folder: string } => {
  const all = folders.map((folder) => folder || 'default')
  if (!all.length) throw malformedFolder(where, `it holds no ${CONFIG}, nor does a folder in it`)
  if (adapter === undefined && all.length > 1 && all[0] !== 'default') throw severalAdapters(where, all)
  const chosen = adapter ?? all[0]
  if (!all.includes(chosen)) throw adapterUnknown(where, chosen, all)
  // A folder that is called so goes before what holds it.
  return { name: chosen, folder: folders.includes(chosen) ? chosen : '' }
}

/**
 * Which files of a repository of the hub are read: those of one adapter, its configuration first.
 * @throws CliError `malformed_folder`, `several_adapters`, `adapter_unknown`, `file_missing`, `gguf_on_hub`; 422 `peft_pickle`
 */
export const peftFilesAmong = (paths: readonly string[], where: string, adapter?: string): string[] => {
  const folders = paths
    .map((path) => path.split('/'))
    .filter((parts) => parts.length <= 2 && parts.at(-1) === CONFIG)
    .map((parts) => (parts.length === 2 ? parts[0] : ''))
  const gguf = paths.find((path) => /\.gguf$/i.test(path))
  if (folders.length === 0 && gguf !== undefined) throw ggufOnHub(where, gguf)
  const { folder } = chosenAmong(where, folders.sort(), adapter)
  const [config, weights, pickle] = [CONFIG, WEIGHTS, PICKLE].map((file) => (folder === '' ? file : `${folder}/${file}`))
  if (paths.includes(weights)) return [config, weights]
  throw paths.includes(pickle) ? peftPickle(`${where}/${pickle}`) : fileMissing(`${where}/${weights}`)
}

const contentOf = (path: string): Uint8Array<ArrayBuffer> => {
  if (!existsSync(path)) throw fileMissing(path)
  return new Uint8Array(readFileSync(path))
}

import { architectureOf } from '../architectures/architectures.ts'
import { isPickle } from '../checkpoint/pickle.ts'
import { readConfig } from '../config.ts'
import { ggufRepository, missingFile, pickledCheckpoint } from '../errors.ts'
import { ggufsAmong, tagOf } from './hub-gguf.ts'
import { type DownloadOptions, downloadSnapshot } from './snapshot.ts'

export type { DownloadOptions, DownloadProgress } from './snapshot.ts'

const SMALL = new Set([
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
  'model.safetensors.index.json',
])
const TEMPLATES = 'additional_chat_templates'
const TEMPLATE = new RegExp(`^${TEMPLATES}/[^/]+\\.jinja$`)
const WEIGHTS = /^model(-\d+-of-\d+)?\.safetensors$/

/**
 * Fetches a model of the Hugging Face hub, as `downloadSnapshot` does, and returns its folder.
 * Errors: those, `gguf_repository`, `missing_file`, `pickled_checkpoint`, and `unsupported_architecture` before any weights are fetched.
 */
export const downloadModel = async (name: string, options: DownloadOptions): Promise<string> => {
  const { folder } = await downloadSnapshot(
    name,
    {
      folders: [TEMPLATES],
      choose: (paths, where) => wanted(name, paths, where),
      async arrived(path, file) {
        if (path === 'config.json') architectureOf(await readConfig(file))
      },
    },
    options,
  )
  return folder
}

/** The files that loading reads, the config first and weights last. A single checkpoint is preferred to its shards. */
function wanted(name: string, paths: readonly string[], where: string): string[] {
  const single = paths.includes('model.safetensors')
  const rank = (path: string): number => (path === 'config.json' ? 0 : SMALL.has(path) || TEMPLATE.test(path) ? 1 : 2)
  const chosen = paths
    .filter((path) => SMALL.has(path) || TEMPLATE.test(path) || (single ? path === 'model.safetensors' : WEIGHTS.test(path)))
    .filter((path) => !(single && path === 'model.safetensors.index.json'))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
  const ggufs = chosen.some((path) => WEIGHTS.test(path)) ? [] : ggufsAmong(paths)
  if (ggufs.length > 0) throw ggufRepository(name, ggufs.map(tagOf))
  if (!chosen.includes('config.json')) throw missingFile(where, 'config.json')
  const pickle = paths.find(isPickle)
  if (!chosen.some((path) => WEIGHTS.test(path))) throw pickle ? pickledCheckpoint(`${where}/${pickle}`) : missingFile(where, 'model.safetensors')
  return chosen
}

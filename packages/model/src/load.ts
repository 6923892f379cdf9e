import { existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { modelShape } from './architectures/architectures.ts'
import { withEmbeddingOfHead } from './architectures/blocks/tied-lm-head.ts'
import { checkedEntries, readEntries, renamedEntries } from './checkpoint/open.ts'
import { RandomWeights } from './checkpoint/random.ts'
import { storedTensors } from './checkpoint/stored-tensors.ts'
import { FileWeights } from './checkpoint/weights.ts'
import { collectingGarbage } from './collect-garbage.ts'
import { readConfig } from './config.ts'
import { type ModelError, modelNotFound } from './errors.ts'
import { fingerprint, randomFingerprint } from './fingerprint.ts'
import { isGguf } from './gguf/gguf-file.ts'
import { loadGguf } from './gguf/load-gguf.ts'
import { hubCache, hubGguf, isHubId } from './hub/hub-id.ts'
import type { LoadedModel, LoadOptions } from './loaded-model.ts'
import { isKnownModel } from './pull/known-models.ts'
import { pulledModel } from './pull/pulled-models.ts'
import { createChat, readChat } from './tokenizer/chat.ts'
import { readTokenizer, withinVocabulary } from './tokenizer/tokenizer.ts'

/**
 * Loads a model from a folder, a GGUF file, a config.json (random weights), what was pulled under that name, an installed package, or the Hugging Face hub, tried in
 * that order. Reads the config first: an unsupported architecture is refused before any weight is read or fetched.
 */
export async function loadModel(source: string, options: LoadOptions = {}): Promise<LoadedModel> {
  const model = await collectingGarbage(() => readModel(source, options))
  return options.precision ? { ...model, precision: options.precision } : model
}

async function readModel(source: string, options: LoadOptions): Promise<LoadedModel> {
  const given = resolve(source)
  const pulled = existsSync(given) || options.revision !== undefined ? undefined : pulledModel(source)
  const path = pulled?.path ?? given
  if (existsSync(path) && statSync(path).isFile()) return isGguf(path) ? loadGguf(source, path, options) : randomModel(source, path, options)
  const { folder, name } = pulled ? { folder: path, name: basename(source) } : await folderOf(source, path, options)
  const file = join(folder, 'config.json')
  const { architecture, config: told, spec } = modelShape(await readConfig(file), file)
  const asSpelled = readEntries(folder)
  const renamed = renamedEntries(asSpelled, (tensor) => architecture.aliases?.(told, tensor) ?? tensor)
  const stored = withEmbeddingOfHead(renamed, architecture.embedding(told), architecture.outputProjection(told))
  const config = architecture.withTensors?.(told, storedTensors(stored, asSpelled)) ?? told
  const shape = { architecture, config, spec: config === told ? spec : architecture.spec(config) }
  const entries = checkedEntries(stored, shape.spec.weights, (tensor) => architecture.ignored(config, tensor))
  const [digest, tokenizer, chat] = await Promise.all([fingerprint(shape.config, entries, options.stateDir), readTokenizer(folder), readChat(folder)])
  return {
    ...shape,
    source,
    name,
    folder,
    fingerprint: digest,
    weights: new FileWeights(entries),
    tokenizer: withinVocabulary(tokenizer, shape.spec.vocabSize),
    chat,
  }
}

async function randomModel(source: string, file: string, { seed = 0 }: LoadOptions): Promise<LoadedModel> {
  const raw = await readConfig(file)
  const shape = modelShape(raw, file)
  const folder = dirname(file)
  const std = typeof shape.config.initializerRange === 'number' ? shape.config.initializerRange : undefined
  return {
    ...shape,
    source,
    folder,
    name: basename(file, '.json') === 'config' ? basename(folder) : basename(file, '.json'),
    fingerprint: randomFingerprint(shape.config, seed),
    weights: new RandomWeights(shape.spec.weights, { seed, ...(std && { std }), zeros: shape.architecture.startsAtZero }),
    tokenizer: withinVocabulary(await readTokenizer(folder), shape.spec.vocabSize),
    chat: createChat(null),
  }
}

async function folderOf(source: string, path: string, options: LoadOptions): Promise<{ folder: string; name: string }> {
  if (existsSync(path)) return { folder: path, name: basename(path) }
  const bundled = packageFolder(source)
  if (bundled) return { folder: bundled, name: basename(source) }
  if (isHubId(source)) {
    // The hub's client is megabytes of program, of which a model on this machine needs nothing.
    const { downloadModel } = await import('./hub/hub.ts')
    return {
      folder: await downloadModel(source, { cacheDir: hubCache(options.stateDir), revision: options.revision, onProgress: options.onProgress }),
      name: basename(source),
    }
  }
  throw nowhere(source)
}

/**
 * Refuses a source that `loadModel` would find nowhere, without reading or fetching anything: a hub id passes, unasked.
 * @throws ModelError `model_not_found`
 */
export function requireModel(source: string): void {
  if (!existsSync(resolve(source)) && !pulledModel(source) && !packageFolder(source) && !isHubId(source)) throw nowhere(source)
}

function nowhere(source: string): ModelError {
  const [id, revision] = source.split('@')
  return modelNotFound(
    source,
    isKnownModel(source) || isHubId(hubGguf(id).id)
      ? `it is not on this machine yet; "npx weft pull ${id}${revision === undefined ? '' : ` --revision ${revision}`}" fetches it`
      : 'there is no such folder or package, and it is not written like a hub id',
  )
}

/** The folder of an installed package that holds a model, seen from here or from where the process runs. */
function packageFolder(name: string): string | null {
  if (!/^(@[\w.-]+\/)?[\w.-]+$/.test(name)) return null
  const wanted = `${name}/package.json`
  for (const find of [() => fileURLToPath(import.meta.resolve(wanted)), () => createRequire(join(process.cwd(), 'package.json')).resolve(wanted)]) {
    try {
      const folder = dirname(find())
      if (existsSync(join(folder, 'config.json'))) return folder
    } catch {
      // not installed there
    }
  }
  return null
}

import { type AdapterRef, errors, isPinned, nearest } from '@weft/adapters'
import type { HeldModel } from '@weft/protocol'
import { noModel } from '../errors.ts'
import type { ModelDirectory } from '../runner/model-directory.ts'

/** `base` stands for the runner's first model, whatever its name. */
export const defaultModel = 'base'

/** Which base models the runner holds. What was heard last is kept for a while; `fresh` asks again. */
export interface ModelCatalog {
  /** Whether the runner holds all that it is to hold, asked afresh. Errors: 503 while it is away. */
  isReady(options?: { signal?: AbortSignal | undefined }): Promise<boolean>
  list(options?: { fresh?: boolean; signal?: AbortSignal | undefined }): Promise<HeldModel[]>
  /** Errors: 404 `model_not_found`; 503 while the runner is away or holds none. */
  find(name: string, options?: { fresh?: boolean; signal?: AbortSignal | undefined }): Promise<HeldModel>
}

const keptMs = 30_000

export const modelCatalog = (directory: ModelDirectory): ModelCatalog => {
  let held: { models: HeldModel[]; at: number } | undefined

  const ask = async ({
    fresh = false,
    signal,
  }: {
    fresh?: boolean
    signal?: AbortSignal | undefined
  } = {}): Promise<{ models: HeldModel[]; complete: boolean }> => {
    if (!fresh && held && Date.now() - held.at < keptMs) return { models: held.models, complete: true }
    const { models, status } = await directory.health(signal)
    const complete = status !== 'starting' && models.length > 0
    held = complete ? { models, at: Date.now() } : undefined
    return { models, complete }
  }

  return {
    isReady: async (options) => (await ask({ ...options, fresh: true })).complete,
    list: async (options) => (await ask(options)).models,
    async find(name, options) {
      const { models, complete } = await ask(options)
      const named = models.find((model) => model.name === name)
      // A runner that is still loading may yet come to hold the one that is meant.
      if (!named && !complete) throw noModel(name)
      const found = named ?? (name === defaultModel ? models[0] : undefined)
      if (!found) {
        const known = [defaultModel, ...models.map((model) => model.name)]
        throw errors.notFound('model', name, nearest(name, known), 'model')
      }
      return found
    },
  }
}

/** Whether a reference in an expression is a base model's name, as far as can be told: without a runner, only `base` is known. */
export async function isModelName(catalog: ModelCatalog, ref: AdapterRef): Promise<boolean> {
  const { name } = ref
  if (isPinned(ref)) return false
  if (name === defaultModel) return true
  return (await catalog.list().catch(() => [])).some((model) => model.name === name)
}

import { type AdapterRef, errors, isPinned, isWeftError, nearest } from '@weft/adapters'
import type { HeldModel } from '@weft/protocol'
import { noModel } from '../errors.ts'
import { isRecent } from '../recent.ts'
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
  /** What an expression may begin with as a model's name: `base`, what the runner holds, and what the deployment's config names, also while the runner is away. */
  names(): Promise<string[]>
}

const keptMs = 30_000
/** How long a request looks whether another, which asks already, was answered, before it asks itself. */
const patienceMs = 10_000
/** How long what was heard goes on to be believed while a runner is too busy to be asked. */
const believedMs = 600_000
const lookEveryMs = 10

/** @param configured base models that the deployment's config names */
export const modelCatalog = (directory: ModelDirectory, configured: readonly string[] = []): ModelCatalog => {
  let held: { models: HeldModel[]; at: number } | undefined
  /** When the last question began that has no answer yet. */
  let askedAt: number | undefined

  const known = (ageMs: number) => (held && isRecent(held.at, ageMs) ? { models: held.models, complete: true } : undefined)

  const isAsked = () => askedAt !== undefined && isRecent(askedAt, patienceMs)

  /**
   * A thousand requests that come at once need one answer. A Worker may not wait for what another request waits for, so each looks by a timer of its own; and one
   * whose request the host has ended first is never answered.
   */
  const answerOfAnother = async () => {
    for (const until = Date.now() + patienceMs; isAsked() && Date.now() < until; ) {
      // What was true half a minute ago does, while one asks.
      const answer = known(2 * keptMs)
      if (answer) return answer
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
    }
    return known(keptMs)
  }

  const ask = async ({
    fresh = false,
    signal,
  }: {
    fresh?: boolean
    signal?: AbortSignal | undefined
  } = {}): Promise<{ models: HeldModel[]; complete: boolean }> => {
    const answer = fresh ? undefined : (known(keptMs) ?? (await answerOfAnother()))
    if (answer) return answer
    askedAt = Date.now()
    const { models, status } = await directory
      .health(signal)
      .finally(() => (askedAt = undefined))
      .catch((error: unknown) => {
        const before = fresh || !isWeftError(error) || error.code !== 'runner_timeout' ? undefined : known(believedMs)
        if (!before) throw error
        return { models: before.models, status: 'ok' as const }
      })
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
    async names() {
      const { models } = await ask().catch(() => ({ models: [] }))
      return [...new Set([defaultModel, ...models.map((model) => model.name), ...configured])]
    },
  }
}

/** Whether a reference in an expression is a base model's name, as far as can be told. */
export async function isModelName(catalog: ModelCatalog, ref: AdapterRef): Promise<boolean> {
  if (isPinned(ref)) return false
  return ref.name === defaultModel || (await catalog.names()).includes(ref.name)
}

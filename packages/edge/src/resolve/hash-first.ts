import { isWeftError } from '@weft/protocol'
import { runnerUnavailable } from '../errors.ts'
import type { Runner } from '../runner/runner.ts'
import type { PackModel } from './pack-model.ts'
import type { ResolvedModel } from './resolve-model.ts'

const hasCode = (error: unknown, code: string): boolean => isWeftError(error) && error.code === code

export type HashFirst = <T>(
  resolve: (options: { fresh: boolean }) => Promise<ResolvedModel>,
  call: (resolved: ResolvedModel) => Promise<T>,
  signal?: AbortSignal,
) => Promise<{ resolved: ResolvedModel; answer: T }>

/**
 * Calls the runner with the composition's key alone, and sends tensors only when it does not hold them. By then the runner may also be
 * another one over another model, so the base model is looked up afresh.
 */
export const hashFirst =
  ({ runner, pack }: { runner: Runner; pack: PackModel }): HashFirst =>
  async (resolve, call, signal) => {
    const first = await resolve({ fresh: false })
    try {
      return { resolved: first, answer: await call(first) }
    } catch (error) {
      if (!hasCode(error, 'composition_not_held') && !hasCode(error, 'model_not_found')) throw error
    }
    const resolved = await resolve({ fresh: true })
    for (const part of resolved.parts) await runner.putComposition(part.key, await pack(resolved, part), signal)
    try {
      return { resolved, answer: await call(resolved) }
    } catch (error) {
      throw hasCode(error, 'composition_not_held') ? runnerUnavailable('it lost a composition as soon as it had it') : error
    }
  }

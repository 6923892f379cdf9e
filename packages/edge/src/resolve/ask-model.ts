import type { Context } from 'hono'
import type { Variables } from '../http/variables.ts'
import type { Caller } from '../runner/caller.ts'
import type { HashFirst } from './hash-first.ts'
import type { ResolvedModel, ResolveModel } from './resolve-model.ts'

/**
 * Asks the runner about what a request's `model` field names. The one way from an endpoint to inference.
 * @param call may be called twice: once more after the runner got what it lacked
 */
export type AskModel = <T>(
  c: Context<Variables>,
  model: string,
  call: (found: ResolvedModel) => Promise<T>,
  caller: Caller,
) => Promise<{ resolved: ResolvedModel; answer: T }>

export const askModel =
  ({ resolve, hashFirst }: { resolve: ResolveModel; hashFirst: HashFirst }): AskModel =>
  (c, model, call, caller) => {
    const stores = c.get('stores')
    return hashFirst(async ({ fresh }) => nameComposition(c, await resolve(model, { stores, fresh, signal: caller.signal })), call, caller)
  }

/** Long expressions stay out of headers; `/v1/compositions/explain` tells them. */
const longestHeader = 2048

/** `x-weft-composition`: the key; `x-weft-expression`: the canonical expression, other than ASCII escaped. */
function nameComposition(c: Context, resolved: ResolvedModel): ResolvedModel {
  const { key, canonical } = resolved
  if (key === null) return resolved
  c.header('x-weft-composition', key)
  const text = canonical.text.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  if (text.length <= longestHeader) c.header('x-weft-expression', text)
  return resolved
}

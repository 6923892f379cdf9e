import type { GenerateEvent, GenerateInput, GenerateResponse } from '@weft/protocol'
import type { Context } from 'hono'
import type { Variables } from '../http/variables.ts'
import type { HashFirst } from '../resolve/hash-first.ts'
import type { ResolvedModel, ResolveModel } from '../resolve/resolve-model.ts'
import type { Caller } from '../runner/caller.ts'
import type { Inference } from '../runner/inference.ts'

export interface GenerateDependencies {
  resolve: ResolveModel
  hashFirst: HashFirst
  inference: Inference
}

/** A request's `model` and what to generate, once the route's defaults are known. */
export interface Generation {
  model: string
  input: (resolved: ResolvedModel) => Omit<GenerateInput, 'model' | 'composition'>
}

/** Long expressions stay out of headers; `/v1/compositions/explain` tells them. */
const longestHeader = 2048

/** `x-weft-composition`: the key; `x-weft-expression`: the canonical expression, other than ASCII escaped. */
export function nameComposition(c: Context, resolved: ResolvedModel): ResolvedModel {
  const { key, canonical } = resolved
  if (key === null) return resolved
  c.header('x-weft-composition', key)
  const text = canonical.text.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  if (text.length <= longestHeader) c.header('x-weft-expression', text)
  return resolved
}

/** What the runner is asked: the base model, one composition, or several whose answers it combines. */
const compositionOf = ({ key, canonical: { outputs }, parts }: ResolvedModel): GenerateInput['composition'] =>
  outputs ? { operator: outputs.operator, operands: parts.map(({ key, weight, level }) => ({ composition: key, weight, level })) } : key

const call = async <T>(
  { resolve, hashFirst }: GenerateDependencies,
  c: Context<Variables>,
  { model, input }: Generation,
  caller: Caller,
  run: (request: GenerateInput) => Promise<T>,
): Promise<T> => {
  const principal = c.get('principal')
  const { answer } = await hashFirst(
    async ({ fresh }) => nameComposition(c, await resolve(model, { principal, fresh, signal: caller.signal })),
    (found) => run({ ...input(found), model: found.base.name, composition: compositionOf(found) }),
    caller,
  )
  return answer
}

/** One whole generation; the runner stops when the client leaves. */
export const generate = (dependencies: GenerateDependencies, c: Context<Variables>, generation: Generation, caller: Caller): Promise<GenerateResponse> =>
  call(dependencies, c, generation, caller, (request) => dependencies.inference.generate(request, caller))

/** A generation token by token, and the way to stop it. */
export async function generateStream(
  dependencies: GenerateDependencies,
  c: Context<Variables>,
  generation: Generation,
): Promise<{ events: AsyncIterable<GenerateEvent>; abort: () => void }> {
  const leaving = new AbortController()
  const { signal, until } = c.get('caller')
  const caller = { signal: AbortSignal.any([signal, leaving.signal]), until }
  const events = await call(dependencies, c, generation, caller, (request) => dependencies.inference.stream(request, caller))
  return { events, abort: () => leaving.abort() }
}

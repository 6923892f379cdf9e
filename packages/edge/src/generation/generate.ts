import type { GenerateEvent, GenerateInput, GenerateResponse } from '@weft/protocol'
import type { Context } from 'hono'
import type { Variables } from '../http/variables.ts'
import type { HashFirst } from '../resolve/hash-first.ts'
import type { ResolvedModel, ResolveModel } from '../resolve/resolve-model.ts'
import type { Runner } from '../runner/runner.ts'

export interface GenerateDependencies {
  resolve: ResolveModel
  hashFirst: HashFirst
  runner: Runner
}

/** A request's `model` and what to generate, once the route's defaults are known. */
export interface Generation {
  model: string
  input: (resolved: ResolvedModel) => Omit<GenerateInput, 'model' | 'composition'>
}

/** Long expressions stay out of headers; `/v1/compositions/explain` tells them. */
const longestHeader = 2048

/** `x-weft-composition`: the key; `x-weft-expression`: the canonical expression, other than ASCII escaped. */
export function nameComposition(c: Context, { key, canonical }: ResolvedModel): void {
  if (key === null) return
  c.header('x-weft-composition', key)
  const text = canonical.text.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  if (text.length <= longestHeader) c.header('x-weft-expression', text)
}

/** What the runner is asked: the base model, one composition, or several whose answers it combines. */
const compositionOf = ({ key, canonical: { outputs }, parts }: ResolvedModel): GenerateInput['composition'] =>
  outputs ? { operator: outputs.operator, operands: parts.map(({ key, weight, level }) => ({ composition: key, weight, level })) } : key

const call = async <T>(
  { resolve, hashFirst }: GenerateDependencies,
  c: Context<Variables>,
  { model, input }: Generation,
  signal: AbortSignal,
  run: (request: GenerateInput) => Promise<T>,
): Promise<T> => {
  const principal = c.get('principal')
  const { resolved, answer } = await hashFirst(
    ({ fresh }) => resolve(model, { principal, fresh, signal }),
    (found) => run({ ...input(found), model: found.base.name, composition: compositionOf(found) }),
    signal,
  )
  nameComposition(c, resolved)
  return answer
}

/** One whole generation; the runner stops when the client leaves. */
export const generate = (dependencies: GenerateDependencies, c: Context<Variables>, generation: Generation): Promise<GenerateResponse> => {
  const { signal } = c.req.raw
  return call(dependencies, c, generation, signal, (request) => dependencies.runner.generate(request, signal))
}

/** A generation token by token, and the way to stop it. */
export async function generateStream(
  dependencies: GenerateDependencies,
  c: Context<Variables>,
  generation: Generation,
): Promise<{ events: AsyncIterable<GenerateEvent>; abort: () => void }> {
  const leaving = new AbortController()
  const signal = AbortSignal.any([c.req.raw.signal, leaving.signal])
  const events = await call(dependencies, c, generation, signal, (request) => dependencies.runner.stream(request, signal))
  return { events, abort: () => leaving.abort() }
}

import type { GenerateEvent, GenerateInput, GenerateResponse } from '@weft/protocol'
import type { Context } from 'hono'
import type { AskModel } from '../asking/ask-model.ts'
import { classifierDoesNotGenerate } from '../errors.ts'
import type { Variables } from '../http/variables.ts'
import { compositionOf, hasHead, type ResolvedModel } from '../resolve/resolve-model.ts'
import type { Caller } from '../runner/caller.ts'
import type { Inference } from '../runner/inference.ts'
import { withTwin } from './text-twin.ts'

export interface GenerateDependencies {
  ask: AskModel
  inference: Inference
}

/** What is generated, the model and its composition aside. */
export type GenerationInput = Omit<GenerateInput, 'model' | 'composition'>

/** Asks the runner to generate with what `model` names, as it is found. Error 400 `classifier_does_not_generate`. */
export async function askRunner<T>(
  { ask }: GenerateDependencies,
  c: Context<Variables>,
  model: string,
  run: (found: ResolvedModel, caller: Caller) => Promise<T>,
  caller: Caller,
): Promise<T> {
  const generating = async (found: ResolvedModel, asking: Caller): Promise<T> => {
    if (hasHead(found)) throw classifierDoesNotGenerate(model)
    return run(found, asking)
  }
  return (await ask(c, model, generating, caller)).answer
}

/** What a request does not say of its length, a policy bounds; what it says has been held against the policy. */
function asked(found: ResolvedModel, input: GenerationInput): GenerateInput {
  const { maxTokens: most } = found.policies
  return {
    ...input,
    ...(most === undefined ? {} : { maxTokens: Math.min(input.maxTokens ?? most, most) }),
    prompt: withTwin(found.twin, input.prompt),
    model: found.base.name,
    composition: compositionOf(found),
  }
}

/** Whole generations, side by side; when one fails, the others stop. The runner stops when the client leaves. */
export const generateAll = (inference: Inference, found: ResolvedModel, inputs: readonly GenerationInput[], caller: Caller): Promise<GenerateResponse[]> =>
  together(inputs, caller, (input, until) => inference.generate(asked(found, input), until))

/** Generations token by token. Resolves when the runner has taken all of them up. */
export const streamAll = (
  inference: Inference,
  found: ResolvedModel,
  inputs: readonly GenerationInput[],
  caller: Caller,
): Promise<AsyncIterable<GenerateEvent>[]> => together(inputs, caller, (input, until) => inference.stream(asked(found, input), until))

async function together<T>(inputs: readonly GenerationInput[], caller: Caller, run: (input: GenerationInput, caller: Caller) => Promise<T>): Promise<T[]> {
  const failed = new AbortController()
  const each = { ...caller, signal: AbortSignal.any([caller.signal, failed.signal]) }
  try {
    return await Promise.all(inputs.map((input) => run(input, each)))
  } catch (error) {
    failed.abort(error)
    throw error
  }
}

/** A caller who reads a stream, and can be told to leave. */
export function leavingCaller({ streamUntil, ...caller }: Caller): { caller: Caller; abort: () => void } {
  const leaving = new AbortController()
  return {
    caller: { ...caller, until: streamUntil ?? caller.until, signal: AbortSignal.any([caller.signal, leaving.signal]) },
    abort: () => leaving.abort(),
  }
}

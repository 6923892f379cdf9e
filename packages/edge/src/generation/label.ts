import type { Classification, Labelled } from '@weft/protocol'
import { invalidRequest } from '../errors.ts'
import { compositionOf, hasHead, type ResolvedModel, soleComposition } from '../resolve/resolve-model.ts'
import type { Caller } from '../runner/caller.ts'
import type { Inference } from '../runner/inference.ts'
import { noClassifier } from './errors.ts'
import { saidOf } from './said-of.ts'
import { textWithTwin } from './text-twin.ts'

type Input = Parameters<Inference['classify']>[0]['inputs'][number]

/** What inputs are: by the head of the composition, or by which of the choices is likeliest after each. Error 400 `no_classifier`. */
export async function label(
  inference: Inference,
  found: ResolvedModel,
  { model, inputs, choices, truncate = false }: { model: string; inputs: Input[]; choices?: readonly string[] | undefined; truncate?: boolean },
  caller?: Caller,
): Promise<Labelled[]> {
  if (!choices) {
    if (!hasHead(found)) throw noClassifier(model, found.base.spec.tasks)
    return inference.classify({ model: found.base.name, composition: soleComposition(found, 'classify'), inputs, truncate }, caller)
  }
  if (truncate) throw invalidRequest('only a head reads a part of a text; with "choices" nothing is cut', 'truncate')
  const chosen: Classification[] = []
  for (const [index, input] of inputs.entries()) {
    const text = typeof input === 'string' ? input : input.join(' ')
    if (text === '') throw invalidRequest('it is empty: there is nothing that a choice could follow', `input[${index}]`)
    const prompt = textWithTwin(found.twin, text)
    const scored = inference.score({ model: found.base.name, composition: compositionOf(found), prompt, texts: [...choices], answers: true }, caller)
    chosen.push(likeliest(choices, await saidOf(`input[${index}]`, scored)))
  }
  return chosen
}

function likeliest(choices: readonly string[], scores: readonly { logprob: number }[]): Classification {
  const most = Math.max(...scores.map(({ logprob }) => logprob))
  const weights = scores.map(({ logprob }) => Math.exp(logprob - most))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return { label: choices[weights.indexOf(Math.max(...weights))], scores: Object.fromEntries(choices.map((choice, i) => [choice, weights[i] / total])) }
}

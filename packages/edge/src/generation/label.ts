import type { Classification, Labelled } from '@weft/protocol'
import { noClassifier } from '../errors.ts'
import { hasHead, type ResolvedModel, soleComposition } from '../resolve/resolve-model.ts'
import type { Caller } from '../runner/caller.ts'
import type { Inference } from '../runner/inference.ts'

type Input = Parameters<Inference['classify']>[0]['inputs'][number]

/** What inputs are: by the head of the composition, or by which of the choices is likeliest after each. Error 400 `no_classifier`. */
export async function label(
  inference: Inference,
  found: ResolvedModel,
  { model, inputs, choices }: { model: string; inputs: Input[]; choices?: readonly string[] | undefined },
  caller?: Caller,
): Promise<Labelled[]> {
  if (!choices) {
    if (!hasHead(found)) throw noClassifier(model)
    return inference.classify({ model: found.base.name, composition: soleComposition(found, 'classify'), inputs }, caller)
  }
  const chosen: Classification[] = []
  for (const input of inputs) {
    const prompt = typeof input === 'string' ? input : input.join(' ')
    chosen.push(
      likeliest(
        choices,
        await inference.score({ model: found.base.name, composition: soleComposition(found, 'classify'), prompt, texts: [...choices] }, caller),
      ),
    )
  }
  return chosen
}

function likeliest(choices: readonly string[], scores: readonly { logprob: number }[]): Classification {
  const most = Math.max(...scores.map(({ logprob }) => logprob))
  const weights = scores.map(({ logprob }) => Math.exp(logprob - most))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return { label: choices[weights.indexOf(Math.max(...weights))], scores: Object.fromEntries(choices.map((choice, i) => [choice, weights[i] / total])) }
}

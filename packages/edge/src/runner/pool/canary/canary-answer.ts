import type { HeldModel } from '@weft/protocol'
import type { Caller } from '../../caller.ts'
import type { Inference } from '../../inference.ts'

/** Log-probabilities of the likeliest next tokens by id, of one prompt. Natural logarithm. */
export type NextTokens = ReadonlyMap<number, number>

/** What a base model answers to some prompts: of each the likeliest next tokens, or of an encoder a vector. */
export type CanaryAnswer = { nextTokens: readonly NextTokens[] } | { vectors: readonly (readonly number[])[] }

const prompts = 4
const tokensOfPrompt = 8
/** As many as every backend reports. */
const likeliest = 20

/** Prompts of ids drawn at random: nobody has prepared an answer to them. */
export function canaryPrompts({ spec: { vocabSize } }: HeldModel): number[][] {
  const drawn = crypto.getRandomValues(new Uint32Array(prompts * tokensOfPrompt))
  return Array.from({ length: prompts }, (_, at) => [...drawn.slice(at * tokensOfPrompt, (at + 1) * tokensOfPrompt)].map((id) => id % vocabSize))
}

/** Asks the base model alone. Undefined where the backend tells nothing that could be compared. Errors as of inference. */
export async function canaryAnswer(
  inference: Inference,
  { name, spec }: HeldModel,
  asked: readonly number[][],
  caller: Caller,
): Promise<CanaryAnswer | undefined> {
  if (spec.bidirectional && !spec.encoderDecoder) {
    const { results } = await inference.embed({ model: name, composition: null, inputs: [...asked], truncate: false }, caller)
    return { vectors: results.map(({ embedding }) => embedding) }
  }
  const nextTokens: NextTokens[] = []
  // One after another: a Worker has six connections, and a client's request shares them with these.
  for (const tokens of asked) {
    const question = { model: name, composition: null, prompt: { tokens }, maxTokens: 1, temperature: 0, logprobs: likeliest }
    const { logprobs: [first] = [] } = await inference.generate(question, caller)
    nextTokens.push(new Map((first?.topLogprobs ?? []).flatMap(({ id, logprob }) => (id === undefined ? [] : [[id, logprob]]))))
  }
  return nextTokens.every(({ size }) => size > 0) ? { nextTokens } : undefined
}

import { type HeldModel, isWeftError } from '@weft/protocol'
import { baseDiffers } from '../../executors/errors.ts'
import type { Inference } from '../../runner/inference.ts'

/** A text that every base model reads, and that two of them hardly read alike. */
export const checkText = 'A weaver sets the warp first, and then throws the weft across it, row after row.'

/** Nats by which log-probabilities of one model differ between two libraries: the mean over the tokens. */
const rounding = 0.05
/** The same, where one of the two holds its weights in fewer bits. */
const fewerBits = 0.5

/**
 * Whether a trainer's base model is the one that the runner holds: by what both say of the same tokens. Error 422 `base_differs`. Gives false where that cannot be told:
 * an encoder says nothing of texts, and vLLM does not score.
 */
export async function checkBase(
  { score }: Pick<Inference, 'score'>,
  model: HeldModel & { precision?: unknown },
  logprobs: readonly number[] | undefined,
): Promise<boolean> {
  if (!logprobs?.length || !model.spec.tasks.includes('CAUSAL_LM')) return false
  const most = model.precision === undefined ? rounding : fewerBits
  let own: number[]
  try {
    const [scored] = await score({ model: model.name, composition: null, texts: [checkText], tokenLogprobs: true })
    own = scored?.tokenLogprobs ?? []
  } catch (error) {
    if (isWeftError(error) && error.status < 500 && error.status !== 429) return false
    throw error
  }
  if (own.length !== logprobs.length) throw baseDiffers(model.name, Number.POSITIVE_INFINITY, most)
  const nats = own.reduce((sum, each, at) => sum + Math.abs(each - logprobs[at]!), 0) / own.length
  if (!(nats <= most)) throw baseDiffers(model.name, nats, most)
  return true
}

import { peftNotExportable } from '../errors.ts'
import type { FloatTensor, SiteState } from '../tensor.ts'

/** What Hugging Face calls the classifier of a sequence classification model: `score` in decoders, `classifier` in encoders. */
const heads = ['score', 'classifier']

/** The head in a PEFT checkpoint, saved (`base_model.score.weight`) or still training (`base_model.score.modules_to_save.default.weight`). */
export function headFrom(tensors: Readonly<Record<string, FloatTensor>>): SiteState | undefined {
  for (const head of heads) {
    for (const prefix of [`base_model.${head}`, `base_model.${head}.modules_to_save.default`]) {
      const weight = tensors[`${prefix}.weight`]
      const bias = tensors[`${prefix}.bias`]
      if (weight) return bias ? { weight, bias } : { weight }
    }
  }
  return undefined
}

/** The head as PEFT saves it for a decoder, whose `score` has no bias. */
export function headTo(head: SiteState, method: string): Record<string, FloatTensor> {
  if (head.bias?.data.some((value) => value !== 0)) {
    throw peftNotExportable(method, 'its classifier has a bias, and the `score` layer of Hugging Face\'s decoders has none')
  }
  return { 'base_model.score.weight': head.weight as FloatTensor }
}

import { unsupportedConfig } from '../../errors.ts'
import type { OwnFields } from './own-fields.ts'

/** Factors, under llama.cpp's names; one that is left out, or 0, changes nothing there. Its switch for models without rotation is refused. */
export const granite: OwnFields = (read, key, { headDim }) => {
  if (read.flag(key('rope.scaling.finetuned')) === false) throw unsupportedConfig(key('rope.scaling.finetuned'), false, 'true, layers rotate')
  return {
    embedding_multiplier: read.number(key('embedding_scale')) || 1,
    attention_multiplier: read.number(key('attention.scale')) || headDim ** -0.5,
    residual_multiplier: read.number(key('residual_scale')) || 1,
    logits_scaling: read.neededNumber(key('logit_scale')),
  }
}

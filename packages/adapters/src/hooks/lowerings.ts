import { lowering as activatedLinear } from '../sites/activated-linear/lower.ts'
import { lowering as gatedKeyValue } from '../sites/gated-key-value/lower.ts'
import { lowering as head } from '../sites/head/lower.ts'
import { lowering as inputsEmbeds } from '../sites/inputs-embeds/lower.ts'
import { lowering as keyValue } from '../sites/key-value/lower.ts'
import { lowering as linear } from '../sites/linear/lower.ts'
import { lowering as promptDelta } from '../sites/prompt-delta/lower.ts'
import { lowering as residual } from '../sites/residual/lower.ts'
import { lowering as scale } from '../sites/scale/lower.ts'
import { lowering as text } from '../sites/text/lower.ts'
import { lowering as weights } from '../sites/weights/lower.ts'
import type { SiteLowering } from './lowering.ts'

/** Every site's graph half, by name. */
export const lowerings: Record<string, SiteLowering> = {
  inputsEmbeds,
  text,
  promptDelta,
  keyValue,
  gatedKeyValue,
  linear,
  activatedLinear,
  scale,
  residual,
  head,
  weights,
}

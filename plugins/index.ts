import type { Plugin } from '@weft/methods'
import adaptionPrompt from './adaption-prompt/index.ts'
import cartridge from './cartridge/index.ts'
import full from './full/index.ts'
import ia3 from './ia3/index.ts'
import linearProbe from './linear-probe/index.ts'
import lora from './lora/index.ts'
import multitaskPromptTuning from './multitask-prompt-tuning/index.ts'
import pTuning from './p-tuning/index.ts'
import pTuningV2 from './p-tuning-v2/index.ts'
import parallelPrefix from './parallel-prefix/index.ts'
import prefixTuning from './prefix-tuning/index.ts'
import promptAdapter from './prompt-adapter/index.ts'
import promptTuning from './prompt-tuning/index.ts'
import steering from './steering/index.ts'
import text from './text/index.ts'

export {
  adaptionPrompt,
  cartridge,
  full,
  ia3,
  linearProbe,
  lora,
  multitaskPromptTuning,
  parallelPrefix,
  prefixTuning,
  promptAdapter,
  promptTuning,
  pTuning,
  pTuningV2,
  steering,
  text,
}

/** Every method that comes with Weft. */
export const plugins: readonly Plugin[] = [
  promptTuning,
  pTuning,
  pTuningV2,
  multitaskPromptTuning,
  prefixTuning,
  parallelPrefix,
  cartridge,
  promptAdapter,
  lora,
  ia3,
  adaptionPrompt,
  steering,
  text,
  linearProbe,
  full,
]
export default plugins

import type { Plugin } from '@weft/core'
import adaptionPrompt from './adaption-prompt/index.ts'
import full from './full/index.ts'
import linearProbe from './linear-probe/index.ts'
import parallelPrefix from './parallel-prefix/index.ts'
import pTuning from './p-tuning/index.ts'
import prefixTuning from './prefix-tuning/index.ts'
import promptAdapter from './prompt-adapter/index.ts'
import promptTuning from './prompt-tuning/index.ts'
import text from './text/index.ts'

export { adaptionPrompt, full, linearProbe, parallelPrefix, pTuning, prefixTuning, promptAdapter, promptTuning, text }

/** Every method that comes with Weft. */
export const plugins: readonly Plugin[] = [promptTuning, pTuning, prefixTuning, parallelPrefix, promptAdapter, adaptionPrompt, text, linearProbe, full]
export default plugins

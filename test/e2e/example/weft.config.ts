import prefixTuning from '@weft/plugins/prefix-tuning'
import text from '@weft/plugins/text'
import { defineConfig } from '@weft/protocol'
import decomposedPrompt from './decomposed-prompt.ts'

/** A deployment with a method of its own: the import above and one entry below. */
export default defineConfig({
  models: { base: { path: '@weft/base-model' } },
  plugins: [prefixTuning, text, decomposedPrompt],
})

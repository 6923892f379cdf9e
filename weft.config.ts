import { defineConfig } from '@weft/core'
import full from '@weft/plugins/full'
import linearProbe from '@weft/plugins/linear-probe'
import pTuning from '@weft/plugins/p-tuning'
import prefixTuning from '@weft/plugins/prefix-tuning'
import promptAdapter from '@weft/plugins/prompt-adapter'
import promptTuning from '@weft/plugins/prompt-tuning'
import text from '@weft/plugins/text'

/** What this deployment serves. A new method is one import and one entry of `plugins`. */
export default defineConfig({
  models: {
    base: { path: '@weft/base-model' },
  },
  plugins: [promptTuning, pTuning, prefixTuning, promptAdapter, text, linearProbe, full],
  routes: {
    orator: {
      composition: 'base + style/speech',
      description: 'Continues a text in the manner of a State of the Union address.',
      defaults: { temperature: 0.7, maxTokens: 120 },
    },
  },
  storage: { state: '.weft' },
})

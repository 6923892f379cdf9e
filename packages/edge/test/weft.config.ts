import full from '@weft/plugins/full'
import lora from '@weft/plugins/lora'
import prefixTuning from '@weft/plugins/prefix-tuning'
import promptAdapter from '@weft/plugins/prompt-adapter'
import promptTuning from '@weft/plugins/prompt-tuning'
import { defineConfig } from '@weft/protocol'

/** The deployment that the Worker's tests run. */
export default defineConfig({
  models: { base: { path: './base' } },
  plugins: [promptTuning, prefixTuning, promptAdapter, lora, full],
  routes: { orator: { composition: 'base + style/speech', defaults: { temperature: 0, maxTokens: 7 } } },
  defaults: { sampling: { topK: 13, maxTokens: 5 } },
})

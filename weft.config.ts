import { plugins } from '@weft/plugins'
import { defineConfig } from '@weft/protocol'

/** What this deployment serves: every method that comes with Weft. One of yours is one import and one more entry of `plugins`. */
export default defineConfig({
  models: {
    base: { path: '@weft/base-model' },
  },
  plugins: [...plugins],
  routes: {
    orator: {
      composition: 'base + style/speech',
      description: 'Continues a text in the manner of a State of the Union address.',
      defaults: { temperature: 0.7, maxTokens: 120 },
    },
  },
  defaults: { method: 'lora' },
  storage: { state: '.weft' },
})

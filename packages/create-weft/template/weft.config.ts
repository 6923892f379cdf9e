import { plugins } from '@weft/plugins'
import { defineConfig } from '@weft/protocol'
import lowRankPrompt from './plugins/low-rank-prompt/index.ts'

/** What this project serves: a model, Weft's own methods and one of yours. */
export default defineConfig({
  models: {
    base: { path: '@weft/base-model' },
  },
  plugins: [...plugins, lowRankPrompt],
  routes: {},
  defaults: { method: 'low-rank-prompt' },
  storage: { state: '.weft' },
})

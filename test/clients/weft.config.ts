import { plugins } from '@weft/plugins'
import { defineConfig } from '@weft/protocol'

/** What the clients ask: the bundled model, and an encoder that `serve.ts` writes. */
export default defineConfig({
  models: {
    base: { path: '@weft/base-model' },
    encoder: { path: '../../.weft/clients/encoder' },
  },
  plugins: [...plugins],
})

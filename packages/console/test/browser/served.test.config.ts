import { defineConfig } from '@weft/protocol'
import weft from '../../../../weft.config.ts'

/** That of every start, and a Ray cluster at an address where nothing answers. */
export default defineConfig({
  ...weft,
  executors: { cluster: { kind: 'ray', url: 'http://127.0.0.1:9', edge: 'http://127.0.0.1:8787', models: { base: '/models/base' } } },
})

import { fileURLToPath } from 'node:url'
import { useOneTemporaryFolder } from '@weft/test/setup/temporary-folder'
import { defineProject } from 'vitest/config'

useOneTemporaryFolder()

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const edge = (path: string): string => here(`../../../edge/${path}`)

/**
 * The edge's own suite over HTTP against the edge on Node. What the suite reaches of its host by workerd's modules, it reaches here by the files beside this one.
 * `WEFT_TEST_DATABASE` and `WEFT_TEST_STORAGE` name another database and storage than a file and a folder.
 */
export default defineProject({
  resolve: {
    alias: [
      { find: 'weft.config', replacement: here('./weft-config.test.host.ts') },
      { find: 'cloudflare:workers', replacement: here('./cloudflare-workers.test.host.ts') },
      { find: 'cloudflare:test', replacement: here('./cloudflare-test.test.host.ts') },
      { find: /^(?:\.\.\/)+src\/cloudflare-composition-root\.ts$/, replacement: here('./cloudflare-root.test.host.ts') },
      { find: /^(?:\.\.\/)+src\/index\.ts$/, replacement: here('./worker.test.host.ts') },
    ],
  },
  test: {
    name: 'edge-on-node',
    root: edge('.'),
    include: ['test/**/*.test.ts'],
    // What is Cloudflare's alone: what a request and an invocation ask of KV and D1, what D1 says while it is away, what a Durable Object holds, how D1 gets from one
    // migration to the next, and what a Worker answers that is configured wrongly, where `weft serve` does not start.
    exclude: [
      'test/inference/stores-asked.test.ts',
      'test/lifecycle/many.test.ts',
      'test/misconfigured.test.ts',
      'test/policies/limits-object.test.ts',
      'test/requests/database-away.test.ts',
      'test/tenants/migration.test.ts',
    ],
    globalSetup: [edge('test/scripted-runner.test.server.ts')],
    setupFiles: [edge('test/apply-migrations.test.setup.ts')],
    // The files share one scripted runner and one edge.
    fileParallelism: false,
    isolate: false,
    testTimeout: 20_000,
  },
})

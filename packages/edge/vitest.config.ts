import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { useOneTemporaryFolder } from '@weft/test/setup/temporary-folder'
import { defineProject } from 'vitest/config'
import { startScriptedRunner } from './test/scripted-runner.test.server.ts'
import { suiteVariables } from './test/variables.ts'

useOneTemporaryFolder()

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Packages are read without their source maps: many name sources that were not published with them, and Vite says so of every file. */
const withoutSourceMaps = {
  name: 'packages-without-source-maps',
  enforce: 'pre' as const,
  load: {
    filter: { id: /\/node_modules\/.*\.[cm]?js$/ },
    handler: (file: string) => ({ code: readFileSync(file, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/gm, ''), map: { mappings: '' as const } }),
  },
}

/** The Worker inside workerd, as `wrangler.toml` describes it, with a deployment's config and a scripted runner of its own. */
export default defineProject({
  plugins: [
    withoutSourceMaps,
    cloudflareTest(async () => ({
      wrangler: { configPath: here('../../wrangler.toml') },
      miniflare: {
        bindings: {
          ...suiteVariables((await startScriptedRunner()).url),
          MIGRATIONS: await readD1Migrations(here('./migrations')),
        },
      },
    })),
  ],
  resolve: { alias: { 'weft.config': here('./test/weft.config.ts') } },
  test: {
    name: 'edge',
    root: here('.'),
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: [here('./test/apply-migrations.test.setup.ts')],
    // The files of a worker share one scripted runner, and one workerd: starting one takes longer than most files.
    isolate: false,
    // As many as the other projects have: all files of all projects are in one queue.
    maxWorkers: 3,
    testTimeout: 60_000,
  },
})

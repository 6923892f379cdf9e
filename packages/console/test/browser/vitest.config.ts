import { fileURLToPath } from 'node:url'
import { useOneTemporaryFolder } from '@weft/test/setup/temporary-folder'
import { defineConfig } from 'vitest/config'

useOneTemporaryFolder()

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** One Weft for all files, one file after another. Not among the projects of `npm test`, which must pass where there is no browser. */
export default defineConfig({
  test: {
    name: 'browser',
    root: here('../..'),
    include: ['test/browser/**/*.test.browser.ts'],
    globalSetup: [here('served.test.setup.ts')],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})

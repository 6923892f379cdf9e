import { consoleFiles } from '@weft/console'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// wrangler.toml names their folder, so a Worker under test needs it.
await consoleFiles({ say: console.log })

/** The file that waits for a minute begins before all others, so that they run meanwhile. Else as always: what took longest the last time, or is largest. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const waits = ({ moduleId }: TestSpecification) => moduleId.endsWith('test/e2e/full-disk.test.ts')
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))]
  }
}

/**
 * Three projects, split by what they need:
 * `node` runs everything beside its code; `edge` runs the Worker inside workerd; `e2e` starts real processes on free ports, two files at a time: they mostly wait.
 * One project after another, since the edge's files take one worker and the others two.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: WaitingFirst },
    projects: [
      {
        test: {
          name: 'node',
          include: ['packages/**/*.test.ts', 'plugins/**/*.test.ts', 'gpu-runner/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'packages/create-weft/template/**', 'packages/edge/{src,test}/**', 'test/e2e/**'],
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      './packages/edge/vitest.config.ts',
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})

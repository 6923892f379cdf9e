import { consoleFiles } from '@weft/console'
import { useOneTemporaryFolder } from '@weft/test/setup/temporary-folder'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

useOneTemporaryFolder()

// wrangler.toml names their folder, so a Worker under test needs it.
await consoleFiles({ say: console.log })

/**
 * Files that wait run beside files that compute, so that no core is idle: first the one that waits for a minute, with the Worker's, which wait for their clocks;
 * then those that start processes, spread over the others. Within each, as always: what took longest the last time, or is largest. The Worker's files stay
 * together, since a worker goes on with its workerd only from one of them to the next.
 */
class WaitingBesideComputing extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const of = (name: string) => sorted.filter(({ project }) => project.name === name)
    const waitsAMinute = ({ moduleId }: TestSpecification) => moduleId.endsWith('test/e2e/full-disk.test.ts')
    const computing = of('node')
    const starting = of('e2e').filter((file) => !waitsAMinute(file))
    // The last of them begins while there is still enough beside it.
    const every = Math.floor((computing.length * 0.8) / starting.length)
    const spread = [...starting.flatMap((file, at) => [file, ...computing.slice(at * every, (at + 1) * every)]), ...computing.slice(starting.length * every)]
    return [...sorted.filter(waitsAMinute), ...of('edge'), ...spread]
  }
}

/** Workers of all projects together. One more than a small machine has cores: some always wait. */
const maxWorkers = 3

/**
 * Three projects, split by what they need:
 * `node` runs everything beside its code; `edge` runs the Worker inside workerd; `e2e` starts real processes on free ports.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: WaitingBesideComputing },
    projects: [
      {
        test: {
          name: 'node',
          include: ['packages/**/*.test.ts', 'plugins/**/*.test.ts', 'gpu-runner/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'packages/create-weft/template/**', 'packages/edge/{src,test}/**', 'test/e2e/**'],
          maxWorkers,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      './packages/edge/vitest.config.ts',
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          maxWorkers,
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})

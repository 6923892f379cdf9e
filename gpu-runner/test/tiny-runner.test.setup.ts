import { rmSync } from 'node:fs'
import { compositionRoot, tokens } from '../src/composition-root.ts'
import type { RunnerConfig } from '../src/config.ts'

/** A runner of one tiny model, on one thread. @param source the model's folder, which `close` deletes */
export function tinyRunner(source: string, over: Partial<RunnerConfig> = {}) {
  const config: RunnerConfig = {
    models: { base: { source } },
    host: '127.0.0.1',
    port: 0,
    device: 'cpu',
    threads: 1,
    trainingThreads: 1,
    maxBatch: 4,
    maxWaiting: 16,
    maxWaitingTokens: 100_000,
    prefillChunk: 64,
    compositionBytes: 4000,
    snapshotBytes: 1e6,
    uploadBytes: 100_000,
    shutdownTimeout: 5,
    logLevel: 'silent',
    plugins: [],
    ...over,
  }
  const container = compositionRoot(config)
  return {
    config,
    container,
    app: container.get(tokens.server),
    load: () => container.get(tokens.models).load(),
    close: async () => {
      await container.get(tokens.jobs).close()
      await container.get(tokens.models).close()
      rmSync(source, { recursive: true })
    },
  }
}

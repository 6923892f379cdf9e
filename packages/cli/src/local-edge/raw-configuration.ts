import { readFileSync } from 'node:fs'
import type { experimental_readRawConfig } from 'wrangler'
import { cached } from './cache/cached.ts'
import type { StartCache } from './cache/start-cache.ts'
import { wranglerInUse } from './cache/wrangler-in-use.ts'
import { loadWrangler } from './load-wrangler.ts'

export type RawConfiguration = ReturnType<typeof experimental_readRawConfig>['rawConfig']

/** What is written in a wrangler.toml. */
export const rawConfigurationOf = (file: string, cache: StartCache): Promise<RawConfiguration> => {
  const using = wranglerInUse(import.meta.filename)
  return cached(cache, 'configuration', using && [using, file, readFileSync(file, 'utf8')], async () => {
    const { experimental_readRawConfig: readRawConfig } = await loadWrangler()
    return readRawConfig({ config: file }).rawConfig
  })
}

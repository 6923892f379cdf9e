import { readFileSync } from 'node:fs'
import type { experimental_readRawConfig } from 'wrangler'
import type { Kept } from './kept/kept.ts'
import { keptOrMade } from './kept/kept-or-made.ts'
import { wranglerInUse } from './kept/wrangler-in-use.ts'
import { loadWrangler } from './load-wrangler.ts'

export type RawConfiguration = ReturnType<typeof experimental_readRawConfig>['rawConfig']

/** What is written in a wrangler.toml. */
export const rawConfigurationOf = (file: string, kept: Kept): Promise<RawConfiguration> => {
  const using = wranglerInUse(import.meta.filename)
  return keptOrMade(kept, 'configuration', using && [using, file, readFileSync(file, 'utf8')], async () => {
    const { experimental_readRawConfig: readRawConfig } = await loadWrangler()
    return readRawConfig({ config: file }).rawConfig
  })
}

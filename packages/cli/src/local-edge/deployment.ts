import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultConfig, root } from '../launcher/project.ts'

/** The wrangler configuration of a start: the project's own, or a copy of it in the state folder with another weft.config.ts in it. */
export const deploymentOf = async (config: string, state: string): Promise<string> => {
  const original = join(root, 'wrangler.toml')
  if (config === defaultConfig) return original
  const { experimental_readRawConfig: readRawConfig } = await import('wrangler')
  const { rawConfig } = readRawConfig({ config: original })
  const absolute = (path: string | undefined): string | undefined => (path === undefined ? undefined : join(root, path))
  const copy = {
    ...rawConfig,
    main: absolute(rawConfig.main),
    alias: { ...rawConfig.alias, 'weft.config': config },
    d1_databases: rawConfig.d1_databases?.map((database: { migrations_dir?: string }) => ({
      ...database,
      migrations_dir: absolute(database.migrations_dir),
    })),
  }
  const file = join(state, 'wrangler.json')
  writeFileSync(file, JSON.stringify(copy, null, 2))
  return file
}

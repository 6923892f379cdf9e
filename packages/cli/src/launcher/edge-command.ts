import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultConfig, root, wrangler } from './project.ts'
import type { Command } from './supervised.ts'

export interface EdgeOptions {
  port: number
  state: string
  config: string
  runnerUrl: string
  runnerToken: string
  localKey: string
  log: string
}

/** Without these wrangler asks for updates, sends metrics and looks for a request's country, and prints that it could not. */
export const quietWrangler: NodeJS.ProcessEnv = {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  NO_COLOR: '1',
  FORCE_COLOR: '0',
}

/** The Worker under workerd, with KV, R2, D1, queues and Durable Objects in the state folder. */
export const edgeCommand = async ({ port, state, config, runnerUrl, runnerToken, localKey, log }: EdgeOptions): Promise<Command> => {
  // In a file that only this user reads: a command line is everybody's to see.
  const secrets = join(state, 'edge.env')
  writeFileSync(secrets, `RUNNER_URL="${runnerUrl}"\n${runnerToken ? `RUNNER_TOKEN="${runnerToken}"\n` : ''}LOCAL_KEY="${localKey}"\n`, { mode: 0o600 })
  return {
    name: 'edge',
    args: [
      wrangler,
      'dev',
      '--ip',
      '127.0.0.1',
      '--port',
      String(port),
      '--inspector-port',
      '0',
      '--persist-to',
      join(state, 'edge'),
      '--env-file',
      secrets,
      '--show-interactive-dev-session=false',
      '--log-level',
      'warn',
      ...(config === defaultConfig ? [] : ['--config', await deploymentOf(config, state)]),
    ],
    env: { ...process.env, ...quietWrangler, WRANGLER_LOG_PATH: join(state, 'logs', 'wrangler') },
    cwd: root,
    log,
    show: shownOfEdge,
  }
}

/**
 * wrangler.toml with another weft.config.ts in it, in the state folder. (`wrangler dev` takes an --alias and leaves it
 * aside; `wrangler deploy` does not.)
 */
const deploymentOf = async (config: string, state: string): Promise<string> => {
  const { experimental_readRawConfig: readRawConfig } = await import('wrangler')
  const { rawConfig } = readRawConfig({ config: join(root, 'wrangler.toml') })
  const absolute = (path: string | undefined): string | undefined => (path === undefined ? undefined : join(root, path))
  const file = join(state, 'wrangler.json')
  writeFileSync(
    file,
    JSON.stringify(
      {
        ...rawConfig,
        main: absolute(rawConfig.main),
        alias: { ...rawConfig.alias, 'weft.config': config },
        d1_databases: rawConfig.d1_databases?.map((database: { migrations_dir?: string }) => ({
          ...database,
          migrations_dir: absolute(database.migrations_dir),
        })),
      },
      null,
      2,
    ),
  )
  return file
}

/** Of wrangler's output a person sees what it calls an error. */
const shownOfEdge = (line: string): string | undefined => (/\[ERROR\]|^✘|Uncaught|^Error:/.test(line) ? `edge: ${line.replace(/^✘\s*/, '').trim()}` : undefined)

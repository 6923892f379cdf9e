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
  CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', NO_COLOR: '1', FORCE_COLOR: '0',
}

/** The Worker under workerd, with KV, R2, D1, queues and Durable Objects in the state folder. */
export const edgeCommand = ({ port, state, config, runnerUrl, runnerToken, localKey, log }: EdgeOptions): Command => {
  // In a file that only this user reads: a command line is everybody's to see.
  const secrets = join(state, 'edge.env')
  writeFileSync(secrets, `RUNNER_URL="${runnerUrl}"\nRUNNER_TOKEN="${runnerToken}"\nLOCAL_KEY="${localKey}"\n`, { mode: 0o600 })
  return {
    name: 'edge',
    args: [
      wrangler, 'dev', '--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0', '--persist-to', join(state, 'edge'),
      '--env-file', secrets, '--show-interactive-dev-session=false', '--log-level', 'warn',
      ...(config === defaultConfig ? [] : ['--alias', `weft.config:${config}`]),
    ],
    env: { ...process.env, ...quietWrangler, WRANGLER_LOG_PATH: join(state, 'logs', 'wrangler') },
    cwd: root,
    log,
    show: shownOfEdge,
  }
}

/** Of wrangler's output a person sees what it calls an error. */
const shownOfEdge = (line: string): string | undefined =>
  /\[ERROR\]|^✘|Uncaught|^Error:/.test(line) ? `edge: ${line.replace(/^✘\s*/, '').trim()}` : undefined

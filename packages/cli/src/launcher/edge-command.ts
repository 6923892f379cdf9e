import { fileURLToPath } from 'node:url'
import { root } from './project.ts'
import type { Command } from './supervised.ts'

export interface EdgeOptions {
  port: number
  state: string
  /** The wrangler configuration. */
  deployment: string
  runnerUrl: string
  runnerToken: string
  /** Keys that are let in. */
  keys: readonly string[]
  /** Where a person finds the first of them. */
  keyFile: string
  log: string
}

const main = fileURLToPath(new URL('../local-edge/main.ts', import.meta.url))

/** The Worker under workerd, with KV, R2, D1, queues and Durable Objects in the state folder. */
export const edgeCommand = ({ port, state, deployment, runnerUrl, runnerToken, keys, keyFile, log }: EdgeOptions): Command => ({
  name: 'edge',
  args: [main, '--port', String(port), '--state', state, '--deployment', deployment],
  env: {
    ...process.env,
    // Not on the command line, which is everybody's to see.
    WEFT_EDGE_VARIABLES: JSON.stringify({
      RUNNER_URL: runnerUrl,
      ...(runnerToken ? { RUNNER_TOKEN: runnerToken } : {}),
      LOCAL_KEY: keys.join(' '),
      LOCAL_KEY_FILE: keyFile,
    }),
  },
  cwd: root,
  log,
  show: shownOfEdge,
})

/** Of the edge's output a person sees errors and crashes. */
const shownOfEdge = (line: string): string | undefined => {
  let entry: { level?: string; message?: string }
  try {
    entry = JSON.parse(line) as typeof entry
  } catch {
    return /^\s+at |^$|^Node\.js v/.test(line) ? undefined : `edge: ${line}`
  }
  return entry.level === 'error' ? `edge: ${entry.message?.split('\n')[0]}` : undefined
}

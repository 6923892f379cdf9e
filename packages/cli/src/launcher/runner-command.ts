import { join } from 'node:path'
import type { Command } from './supervised.ts'
import { root, runnerMain } from './project.ts'

export interface RunnerOptions {
  port: number
  token: string
  config: string
  /** Folder or hub id of the base model; the config's when absent. */
  model?: string | undefined
  device?: string | undefined
  /** Folder of everything that is remembered. */
  state: string
  log: string
}

/** The runner as a child process: loopback, a token of its own, its log as JSON lines. */
export const runnerCommand = ({ port, token, config, model, device, state, log }: RunnerOptions): Command => ({
  name: 'runner',
  args: [
    runnerMain, '--config', config, '--host', '127.0.0.1', '--port', String(port), '--state-dir', join(state, 'runner'),
    ...(model === undefined ? [] : ['--model', `base=${model}`]),
    ...(device === undefined ? [] : ['--device', device]),
  ],
  env: { ...process.env, WEFT_RUNNER_TOKEN: token, WEFT_LOG_LEVEL: process.env.WEFT_LOG_LEVEL ?? 'info' },
  cwd: root,
  log,
  show: shownOfRunner,
})

const ERROR = 50

/** A person sees the runner's errors; pino writes one JSON object a line. What is no JSON is a crash, and shown. */
const shownOfRunner = (line: string): string | undefined => {
  try {
    const { level, msg, err } = JSON.parse(line) as { level: number; msg?: string; err?: { message?: string } }
    if (level < ERROR) return undefined
    return `runner: ${[msg, err?.message].filter(Boolean).join(': ')}`
  } catch {
    return /^\s+at |^$|^Node\.js v/.test(line) ? undefined : `runner: ${line}`
  }
}

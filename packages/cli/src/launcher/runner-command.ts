import { join } from 'node:path'
import { bytes } from '../output/output.ts'
import { root, runnerMain } from './project.ts'
import type { Command } from './supervised.ts'

export interface RunnerOptions {
  /** `runner`, and of several `runner-2` and so on: its log has it, and its folder. */
  name?: string
  port: number
  token: string
  config: string
  /** Folder or hub id of the base model; the config's when absent. */
  model?: string | undefined
  device?: string | undefined
  precision?: string | undefined
  /** Folder of everything that is remembered. */
  state: string
  log: string
}

/** The runner as a child process: loopback, a token of its own, its log as JSON lines. */
export const runnerCommand = ({ name = 'runner', port, token, config, model, device, precision, state, log }: RunnerOptions): Command => ({
  name,
  args: [
    runnerMain,
    '--config',
    config,
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--state-dir',
    join(state, name),
    // The edge ends at the same moment: nobody is left to hear the end of an answer, or to fetch what a job leaves.
    '--shutdown-timeout',
    '0',
    ...(model === undefined ? [] : ['--model', `base=${model}`]),
    ...(device === undefined ? [] : ['--device', device]),
    ...(precision === undefined ? [] : ['--precision', precision]),
  ],
  env: { ...process.env, WEFT_RUNNER_TOKEN: token, WEFT_LOG_LEVEL: process.env.WEFT_LOG_LEVEL ?? 'debug' },
  cwd: root,
  log,
  ...shownOfRunner(name),
})

const ERROR = 50
const FATAL = 60

interface LogLine {
  level: number
  msg?: string
  err?: { message?: string }
  model?: string
  done?: number
  total?: number
}

/**
 * A person sees the runner's errors, and how far a download has come. pino writes one JSON object a line; what is no
 * JSON is a crash, and shown. Why it cannot run, and which models it could not load, the launcher says at the end.
 */
const shownOfRunner = (name: string): Required<Pick<Command, 'show' | 'reason'>> => {
  let tenth = -1
  let reason: string | undefined
  const show = (line: string): string | undefined => {
    let entry: LogLine
    try {
      entry = JSON.parse(line) as LogLine
    } catch {
      if (/^\s+at |^$|^Node\.js v|^\s{4}/.test(line)) return undefined
      reason ??= line
      return `${name}: ${line}`
    }
    const { level, msg, err, model, done, total } = entry
    if (level >= FATAL) {
      reason = msg
      return undefined
    }
    if (level >= ERROR) return msg === 'model failed' ? undefined : `${name}: ${[msg, err?.message].filter(Boolean).join(': ')}`
    if (msg !== 'downloading' || done === undefined || !total) return undefined
    const reached = Math.floor((10 * done) / total)
    if (reached === tenth) return undefined
    tenth = reached
    return `Downloading ${model}: ${10 * reached} % of ${bytes(total)}`
  }
  return { show, reason: () => reason }
}

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What `weft bench train` and its peer both print of a step: milliseconds, megabytes, and of a file its own tokens a second, and a second of CPU time. */
export interface TrainingStep {
  step_ms_min: number
  cpu_ms_min: number
  peak_mb: number
  real_tokens_per_s?: number
  real_tokens_per_cpu_s?: number
}

const weft = fileURLToPath(new URL('../../../packages/cli/bin/weft.mjs', import.meta.url))
const peft = fileURLToPath(new URL('../../../packages/bench/src/training/peft_train.py', import.meta.url))

/** A step of ours, in a process of its own. */
export const weftStep = (model: string, options: readonly string[]): Promise<TrainingStep> =>
  step(process.execPath, [weft, 'bench', 'train', '--model', model, ...options, '--json'])

/** A step of PEFT's. As many virtual tokens as ours has unless told, where the method has any. */
export const peftStep = (python: string, model: string, options: readonly string[]): Promise<TrainingStep> =>
  step(python, [peft, model, ...options, '--virtual-tokens', '20'])

async function step(command: string, args: readonly string[]): Promise<TrainingStep> {
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 2 ** 24 })
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as TrainingStep
}

/** The last line that a failed process wrote: Python's is the error. */
export const lastLine = (error: unknown): string => (error as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? String(error)

/** Of several runs the best of each figure: other work on the machine only slows, and only adds. */
export const best = (steps: readonly TrainingStep[]): TrainingStep => {
  const least = (of: 'step_ms_min' | 'cpu_ms_min' | 'peak_mb'): number => Math.min(...steps.map((each) => each[of]))
  const most = (of: 'real_tokens_per_s' | 'real_tokens_per_cpu_s'): Partial<TrainingStep> => {
    const tokens = steps.flatMap((each) => each[of] ?? [])
    return tokens.length > 0 ? { [of]: Math.max(...tokens) } : {}
  }
  return {
    step_ms_min: least('step_ms_min'),
    cpu_ms_min: least('cpu_ms_min'),
    peak_mb: least('peak_mb'),
    ...most('real_tokens_per_s'),
    ...most('real_tokens_per_cpu_s'),
  }
}

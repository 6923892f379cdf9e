import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** For tests that start processes: a busy machine may take long over them. In ms. */
export const PATIENCE = 160_000

/** Runs a program of this folder in a process of its own and gives back the JSON it prints last. */
export function runProgram<T>(
  program: string,
  { flags = [], env = {}, status: expected = 0 }: { flags?: string[]; env?: Record<string, string>; status?: number } = {},
): T {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...flags, join(import.meta.dirname, program)], {
    encoding: 'utf8',
    timeout: PATIENCE - 10_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  })
  if (status !== expected) throw new Error(`${program} ended with ${signal ?? status}\n${stdout}\n${stderr}`)
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T
}

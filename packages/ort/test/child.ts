import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Runs a program of this folder in a process of its own and gives back the JSON it prints last. */
export function runProgram<T>(program: string, { flags = [], env = {} }: { flags?: string[]; env?: Record<string, string> } = {}): T {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...flags, join(import.meta.dirname, program)], {
    encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '', ...env },
  })
  if (status !== 0) throw new Error(`${program} ended with ${signal ?? status}\n${stdout}\n${stderr}`)
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T
}
